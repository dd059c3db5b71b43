package org.charlstm.train;

import module java.base;
import org.charlstm.device.Padding;

/** How training treats the end symbols that pad captions to one length. Running text has no padding. */
public enum PaddingMode {
    /** Padding counts like any symbol, as in the lab. */
    LAB,
    /** Padding is computed, but excluded from loss and gradients. */
    MASK,
    /** As {@link #MASK}, and each batch has captions of similar lengths, so little padding is computed. */
    BUCKET;

    /** The device's way of marking padding. */
    Padding onDevice() {
        return this == LAB ? Padding.COUNTED : Padding.LEFT_OUT;
    }

    /** The mode with this name. Throws {@link IllegalArgumentException} if there is none. */
    public static PaddingMode of(String title) {
        return Arrays.stream(values()).filter(mode -> mode.toString().equals(title)).findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "no padding '" + title + "'; there are " + Arrays.toString(values())));
    }

    /** The name on the command line and in files. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
