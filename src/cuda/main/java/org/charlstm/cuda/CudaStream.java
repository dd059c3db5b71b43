package org.charlstm.cuda;

import org.charlstm.cuda.binding.CudaDriver;

/** Work that runs in order, beside that of other streams. {@link Cuda#on} enqueues on it. */
public final class CudaStream extends CudaObject {
    /** Before all others; the driver takes the nearest that it has. */
    static final int FIRST = Integer.MIN_VALUE;

    private final long handle;

    CudaStream(Cuda cuda, int priority) {
        super(cuda, "a stream");
        handle = cuda.driver().cuStreamCreateWithPriority(CudaDriver.NON_BLOCKING, priority);
        opened();
    }

    /** The driver's handle, for libraries beside this one. */
    public long handle() {
        requireOpen();
        return handle;
    }

    /** Waits until all its work so far is done, and throws what failed. */
    public void synchronize() {
        CudaDriver driver = driver();
        cuda().context().await("cuStreamSynchronize", () -> driver.cuStreamSynchronize(handle),
                () -> driver.done(handle));
    }

    /** Whether all its work so far is done; throws what failed. */
    public boolean isDone() {
        return driver().done(handle);
    }

    /**
     * Lets the work that is enqueued from now on wait until another stream has come to an event. If the event was
     * recorded within {@link Cuda#record}, this stream takes part in the recording from now on.
     */
    public void waitFor(CudaEvent event) {
        driver().cuStreamWaitEvent(handle, Given.that(event, "the event").handleOf(cuda()), 0);
        cuda().current().waited(this, event);
    }

    /** Waits for its work while it is being closed. */
    void awaitEnd() {
        cuda().context().uncheckedDriver().cuStreamSynchronize(handle);
    }

    @Override
    void release(CudaDriver driver) {
        try (Resources both = new Resources()) {
            both.add(() -> driver.cuStreamDestroy_v2(handle));
            both.add(() -> cuda().handles().forget(this));
        }
    }
}
