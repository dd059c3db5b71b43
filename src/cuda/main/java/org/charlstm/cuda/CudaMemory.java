package org.charlstm.cuda;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.cuda.binding.CudaDriver;

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

    /** A buffer as long as an array. */
    CudaBuffer of(CudaType type, Object values, Consumer<CudaBuffer> write) {
        return filled(type, Array.getLength(Objects.requireNonNull(values, "the array is null")), "buffers", write);
    }

    /** A buffer that is closed again where its first elements cannot be written. */
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
     * A buffer of any content, whose memory comes from the driver's pool in the order of the current stream: nobody
     * waits, and the memory of a buffer that was closed before serves again. {@link CudaBuffer#close} gives it back in
     * the order of the stream that is current then. Other streams have to wait for an event before they use it.
     *
     * @throws CharlstmException        if the GPU or its driver has no pool
     * @throws CudaException            if its memory is too small
     * @throws IllegalArgumentException if the count is less than 1
     */
    public CudaBuffer pooled(CudaType type, long count) {
        long bytes = CudaBuffer.requireCount("a buffer of", type, count) * type.bytes();
        return new CudaBuffer(cuda, type, count, DeviceMemory.pooled(cuda, bytes, "pool")).kept();
    }

    /** A buffer of any content in managed memory, which the host reaches too, by {@link CudaBuffer#segment}. */
    public CudaBuffer managed(CudaType type, long count) {
        long bytes = CudaBuffer.requireCount("a buffer of", type, count) * type.bytes();
        return new CudaBuffer(cuda, type, count, DeviceMemory.managed(cuda, bytes)).kept();
    }

    /**
     * Lets the pool of {@link #pooled} keep so many bytes that nobody has, rather than give all of them back to the
     * driver at the next wait, which is what it does by itself.
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

    /** Whether copies from another GPU's memory go straight, not by way of the host; false for the same GPU. */
    public boolean reaches(Cuda other) {
        return cuda.driver().cuDeviceCanAccessPeer(cuda.context().device(),
                Objects.requireNonNull(other, "the other GPU is null").context().device()) != 0;
    }

    /**
     * Enqueues a copy of all elements of another GPU's buffer to the first of one of this. It comes after the work so
     * far of the current streams of both, and later work of both waits for it.
     *
     * @throws IllegalStateException    if one of them records work
     * @throws IllegalArgumentException if the buffers do not fit or overlap, as those of one GPU may
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
        // The driver keeps what is destroyed until nobody waits for it.
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
