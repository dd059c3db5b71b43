package org.charlstm.cuda;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/** The bytes of device memory in use, by purpose. */
final class MemoryUse {
    private final Map<String, Long> byPurpose = new HashMap<>();
    private long used;
    private long peak;

    /** Counts memory that was allocated, or freed if negative. */
    void count(String purpose, long bytes) {
        byPurpose.merge(purpose, bytes, Long::sum);
        used += bytes;
        peak = Math.max(peak, used);
    }

    long used() {
        return used;
    }

    long peak() {
        return peak;
    }

    /** The most first. */
    Map<String, Long> byPurpose() {
        Map<String, Long> sorted = new LinkedHashMap<>();
        byPurpose.entrySet().stream().filter(entry -> entry.getValue() > 0)
                .sorted(Map.Entry.<String, Long>comparingByValue().reversed().thenComparing(Map.Entry.comparingByKey()))
                .forEach(entry -> sorted.put(entry.getKey(), entry.getValue()));
        return sorted;
    }
}
