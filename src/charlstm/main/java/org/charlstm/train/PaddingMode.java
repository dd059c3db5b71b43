package org.charlstm.train;

import module java.base;
import org.charlstm.device.Padding;

/** How training treats the end symbols that pad captions to one length. Running text has no padding. */
public enum PaddingMode {
    /** Padding counts as any symbol does, as in the lab. */
    LAB,
    /** Padding is computed, but left out of loss and gradients. */
    MASK,
    /** As {@link #MASK}, and batches have captions of similar lengths, so that little padding is computed. */
    BUCKET;

    /** The device's way of marking padding. */
    Padding onDevice() {
        return this == LAB ? Padding.COUNTED : Padding.LEFT_OUT;
    }

    /** The mode of a name. Throws {@link IllegalArgumentException} if there is none. */
    public static PaddingMode of(String title) {
        return Arrays.stream(values()).filter(mode -> mode.toString().equals(title)).findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "no padding '" + title + "'; there are " + Arrays.toString(values())));
    }

    /** As the command line and files name it. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
