package org.charlstm.device.spi;

import java.util.Locale;

/** Formats amounts of memory for messages. */
public final class MemorySize {
    /** In KiB below one MiB, else in MiB. */
    public static String text(long bytes) {
        return bytes < 1 << 20 ? Math.ceilDiv(bytes, 1 << 10) + " KiB"
                : String.format(Locale.ROOT, "%.1f MiB", bytes / (double) (1 << 20));
    }
}
