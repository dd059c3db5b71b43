package org.charlstm;

import java.util.Locale;

/** Amounts of memory in words. */
public final class ByteSizes {
    private ByteSizes() {
    }

    /**
     * An amount.
     *
     * @param bytes how much, at least 0
     * @return in KiB, or from a MiB on in those
     */
    public static String text(long bytes) {
        return bytes < 1 << 20 ? Math.ceilDiv(bytes, 1 << 10) + " KiB"
                : String.format(Locale.ROOT, "%.1f MiB", bytes / (double) (1 << 20));
    }
}
