package org.charlstm.train;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** What training makes of the end symbols that pad captions to one length. Running text has none. */
public enum PaddingMode {
    /** They count as any symbol does, as in the lab. */
    LAB,
    /** They are computed, and left out of loss and gradients. */
    MASK,
    /** The same, of captions sorted into lengths, so that few of them are computed. */
    BUCKET;

    /**
     * The names of all.
     *
     * @return as on the command line
     */
    public static List<String> titles() {
        return Arrays.stream(values()).map(PaddingMode::title).toList();
    }

    /**
     * By its {@link #title}.
     *
     * @throws IllegalArgumentException if there is none of that name
     */
    public static PaddingMode of(String title) {
        return Arrays.stream(values()).filter(mode -> mode.title().equals(title)).findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no padding '" + title + "'; there are " + titles()));
    }

    /** Its name. */
    public String title() {
        return name().toLowerCase(Locale.ROOT);
    }
}
