package org.charlstm.cuda;

import module java.base;

/** The bytes of device memory in use, by purpose; any thread may ask. */
final class MemoryUse {
    private final Map<String, Long> byPurpose = new HashMap<>();
    private long used;
    private long peak;

    /** Counts memory that was allocated, or freed if negative. */
    synchronized void count(String purpose, long bytes) {
        byPurpose.merge(purpose, bytes, Long::sum);
        used += bytes;
        peak = Math.max(peak, used);
    }

    synchronized long used() {
        return used;
    }

    synchronized long peak() {
        return peak;
    }

    /** An amount for a message: in KiB below one MiB, else in MiB. */
    static String text(long bytes) {
        return bytes < 1 << 20 ? Math.ceilDiv(bytes, 1 << 10) + " KiB"
                : String.format(Locale.ROOT, "%.1f MiB", bytes / (double) (1 << 20));
    }

    /** The most first. */
    synchronized Map<String, Long> byPurpose() {
        Map<String, Long> sorted = new LinkedHashMap<>();
        byPurpose.entrySet().stream().filter(entry -> entry.getValue() > 0)
                .sorted(Map.Entry.<String, Long>comparingByValue().reversed().thenComparing(Map.Entry.comparingByKey()))
                .forEach(entry -> sorted.put(entry.getKey(), entry.getValue()));
        return sorted;
    }
}
