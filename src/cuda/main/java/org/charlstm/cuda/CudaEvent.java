package org.charlstm.cuda;

import java.util.Objects;
import org.charlstm.cuda.binding.CudaDriver;

/** A mark in a stream's work. */
public final class CudaEvent extends CudaObject {
    private final long handle;
    private final boolean timing;
    private boolean recorded;

    CudaEvent(Cuda cuda, boolean timing) {
        super(cuda, "an event");
        this.timing = timing;
        handle = cuda.driver().cuEventCreate(timing ? 0 : CudaDriver.DISABLE_TIMING);
        opened();
    }

    /** Marks the end of the current stream's work so far, and replaces the mark before. */
    public void record() {
        driver().cuEventRecord(handle, cuda().current().handle());
        recorded = true;
        cuda().current().marked(this);
    }

    /**
     * Waits until the work before the mark is done, and throws its failure; if nothing was marked, returns at once.
     */
    public void synchronize() {
        CudaDriver driver = driver();
        cuda().context().await("cuEventSynchronize", () -> driver.cuEventSynchronize(handle),
                () -> driver.passed(handle));
        HostFunctions.rethrow(cuda());
    }

    /** Whether the work before the mark is done; throws that work's failure. */
    public boolean hasPassed() {
        boolean passed = driver().passed(handle);
        HostFunctions.rethrow(cuda());
        return passed;
    }

    /**
     * Seconds from another event's mark to this event's, by the GPU's clock, whose resolution is about half a
     * microsecond. Both events must keep time and have passed.
     *
     * @throws IllegalStateException if an event keeps no time, or has no mark
     * @throws CudaException         if an event has not passed
     */
    public double secondsSince(CudaEvent start) {
        CudaDriver driver = driver();
        long from = Objects.requireNonNull(start, "the first event is null").handleOf(cuda());
        start.requireTime("the first event");
        requireTime("the second event");
        return 1e-3 * driver.cuEventElapsedTime(from, handle);
    }

    private void requireTime(String which) {
        if (!timing) {
            throw new IllegalStateException(which + " keeps no time; make it by newEvent()");
        }
        if (!recorded) {
            throw new IllegalStateException(which + " has no mark; call record() first");
        }
    }

    long handleOf(Cuda other) {
        requireOf(other);
        return handle;
    }

    @Override
    void release(CudaDriver driver) {
        driver.cuEventDestroy_v2(handle);
    }
}
