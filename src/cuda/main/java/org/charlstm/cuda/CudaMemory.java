package org.charlstm.cuda;

import module java.base;

/** The memory of a GPU: how much is free, and what buffers of one {@link Cuda} have of it, which any thread may ask. */
public final class CudaMemory {
    private final Cuda cuda;
    private final Map<String, Long> byPurpose = new HashMap<>();
    private long used;
    private long peak;

    CudaMemory(Cuda cuda) {
        this.cuda = cuda;
    }

    /** Free bytes, which other processes may use too. */
    public long free() {
        return cuda.driver().memory().free();
    }

    /** All bytes that the driver gives to programs: a little less than the GPU has. */
    public long total() {
        return cuda.driver().memory().total();
    }

    /** Bytes that buffers have. */
    public synchronized long used() {
        return used;
    }

    /** The most bytes that buffers had at once. */
    public synchronized long peak() {
        return peak;
    }

    /** Bytes that buffers have by {@linkplain Cuda#allocate(CudaType, long, String) purpose}, the most first. */
    public synchronized Map<String, Long> byPurpose() {
        Map<String, Long> sorted = new LinkedHashMap<>();
        byPurpose.entrySet().stream().filter(entry -> entry.getValue() > 0)
                .sorted(Map.Entry.<String, Long>comparingByValue().reversed().thenComparing(Map.Entry.comparingByKey()))
                .forEach(entry -> sorted.put(entry.getKey(), entry.getValue()));
        return sorted;
    }

    /** Enqueues a copy of bytes between two addresses of this GPU, which nobody checks, on the current stream. */
    public void copy(long to, long from, long bytes) {
        cuda.driver().cuMemcpyDtoDAsync_v2(to, from, bytes, cuda.current().handle());
    }

    /** Counts memory that was allocated, or freed if negative. */
    synchronized void count(String purpose, long bytes) {
        byPurpose.merge(purpose, bytes, Long::sum);
        used += bytes;
        peak = Math.max(peak, used);
    }

    /** An amount for a message: in KiB below one MiB, else in MiB. */
    static String text(long bytes) {
        return bytes < 1 << 20 ? Math.ceilDiv(bytes, 1 << 10) + " KiB"
                : String.format(Locale.ROOT, "%.1f MiB", bytes / (double) (1 << 20));
    }
}
