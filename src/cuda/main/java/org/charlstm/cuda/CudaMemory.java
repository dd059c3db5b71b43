package org.charlstm.cuda;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.cuda.binding.CudaDriver;

/**
 * A GPU's memory: how much is free, and how much the buffers of one {@link Cuda} hold. Any thread may ask for the
 * latter.
 */
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

    /** All bytes that the driver gives to programs, a little less than the GPU's memory. */
    public long total() {
        return cuda.driver().memory().total();
    }

    /** Bytes that buffers hold. */
    public synchronized long used() {
        return used;
    }

    /** The most bytes that buffers have held at once. */
    public synchronized long peak() {
        return peak;
    }

    /** Bytes that buffers hold by {@linkplain Cuda#allocate(CudaType, long, String) purpose}, the largest first. */
    public synchronized Map<String, Long> byPurpose() {
        Map<String, Long> sorted = new LinkedHashMap<>();
        byPurpose.entrySet().stream().filter(entry -> entry.getValue() > 0)
                .sorted(Map.Entry.<String, Long>comparingByValue().reversed().thenComparing(Map.Entry.comparingByKey()))
                .forEach(entry -> sorted.put(entry.getKey(), entry.getValue()));
        return sorted;
    }

    /** A buffer as long as an array. */
    CudaBuffer of(CudaType type, Object values, Consumer<CudaBuffer> write) {
        return filled(type, Array.getLength(Objects.requireNonNull(values, "the array is null")), "buffers", write);
    }

    /** A buffer filled by {@code write}; closes the buffer if that fails. */
    CudaBuffer filled(CudaType type, long count, String purpose, Consumer<CudaBuffer> write) {
        CudaBuffer buffer = cuda.uninitialised(type, count, purpose);
        try {
            write.accept(buffer);
            return buffer;
        } catch (RuntimeException e) {
            throw Resources.closeAfter(e, buffer::close);
        }
    }

    /**
     * An uninitialised buffer from the driver's memory pool. The allocation is ordered in the current stream: nothing
     * waits, and memory of closed buffers is reused. {@link CudaBuffer#close} frees the memory in the order of the
     * stream that is current then. Other streams must wait for an event before they use the buffer.
     *
     * @throws CharlstmException        if the GPU or its driver has no pool
     * @throws CudaException            if the GPU's memory is too small
     * @throws IllegalArgumentException if the count is less than 1
     */
    public CudaBuffer pooled(CudaType type, long count) {
        long bytes = CudaBuffer.requireCount("a buffer of", type, count) * type.bytes();
        return new CudaBuffer(cuda, type, count, DeviceMemory.pooled(cuda, bytes, "pool")).kept();
    }

    /** An uninitialised buffer in managed memory, which the host too accesses, by {@link CudaBuffer#segment}. */
    public CudaBuffer managed(CudaType type, long count) {
        long bytes = CudaBuffer.requireCount("a buffer of", type, count) * type.bytes();
        return new CudaBuffer(cuda, type, count, DeviceMemory.managed(cuda, bytes)).kept();
    }

    /**
     * Sets how many unused bytes the pool of {@link #pooled} keeps. By default the pool returns all unused memory to
     * the driver at the next wait.
     *
     * @throws CharlstmException if the driver has no pool
     */
    public void keepPooled(long bytes) {
        if (bytes < 0) {
            throw new IllegalArgumentException("a pool that keeps " + bytes + " bytes; give 0 or more");
        }
        CudaDriver driver = cuda.driver();
        try (Arena arena = Arena.ofConfined()) {
            driver.cuMemPoolSetAttribute(driver.cuDeviceGetDefaultMemPool(cuda.context().device()),
                    CudaDriver.RELEASE_THRESHOLD, arena.allocateFrom(ValueLayout.JAVA_LONG, bytes));
        }
    }

    /** Whether copies from another GPU's memory go directly, not through the host; false for the same GPU. */
    public boolean reaches(Cuda other) {
        return cuda.driver().cuDeviceCanAccessPeer(cuda.context().device(),
                Objects.requireNonNull(other, "the other GPU is null").context().device()) != 0;
    }

    /**
     * Enqueues a copy of another GPU's whole buffer to the first elements of a buffer of this GPU. The copy waits for
     * the work so far of both GPUs' current streams, and their later work waits for the copy.
     *
     * @throws IllegalStateException    if a GPU records work
     * @throws IllegalArgumentException if the types differ, the target is too small, or the buffers overlap
     */
    public void copyAcross(CudaBuffer from, CudaBuffer to) {
        Cuda other = Objects.requireNonNull(from, "the buffer to copy from is null").cuda();
        if (Objects.requireNonNull(to, "the buffer to copy to is null").type() != from.type()
                || to.count() < from.count()) {
            throw new IllegalArgumentException(to + " does not hold all of " + from);
        }
        if (cuda.current().recording() || other.current().recording()) {
            throw new IllegalStateException("a copy between two GPUs cannot be recorded; make it before or after");
        }
        long target = to.pointerFor(cuda);
        long source = from.pointerFor(other);
        CudaBuffer.requireApart(source, target, from.bytes());
        // The driver keeps a destroyed event until nothing waits for it.
        try (CudaEvent ready = other.newEvent(false); CudaEvent done = cuda.newEvent(false)) {
            ready.record();
            long stream = cuda.current().handle();
            cuda.driver().cuStreamWaitEvent(stream, ready.handleOf(other), 0);
            cuda.driver().cuMemcpyPeerAsync(target, cuda.context().handle(), source, other.context().handle(),
                    from.bytes(), stream);
            done.record();
            other.driver().cuStreamWaitEvent(other.current().handle(), done.handleOf(cuda), 0);
        }
    }

    /** Enqueues a copy of bytes between two unchecked addresses of this GPU on the current stream. */
    public void copy(long to, long from, long bytes) {
        cuda.driver().cuMemcpyDtoDAsync_v2(to, from, bytes, cuda.current().handle());
    }

    /** Counts allocated memory, or freed memory if negative. */
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
