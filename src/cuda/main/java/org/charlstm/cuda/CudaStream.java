package org.charlstm.cuda;

import java.util.Objects;
import java.util.OptionalLong;
import org.charlstm.cuda.binding.CudaDriver;

/**
 * A queue of work that runs in order, concurrently with other streams. {@link Cuda#on} enqueues work on a stream. The
 * GPU's first stream ends with the GPU, and cannot be closed before.
 */
public final class CudaStream extends CudaObject {
    /** The highest priority; the driver clamps the number to its range. */
    static final int FIRST = Integer.MIN_VALUE;

    private final long handle;
    private final boolean adopted;
    /** Whether this is the GPU's first stream, which only closing the GPU closes. */
    private boolean lasting;

    CudaStream(Cuda cuda, int priority) {
        this(cuda, "a stream", cuda.driver().cuStreamCreateWithPriority(CudaDriver.NON_BLOCKING, priority), false);
    }

    /** The stream that a GPU has from its opening to its closing. */
    static CudaStream first(Cuda cuda) {
        CudaStream stream = new CudaStream(cuda, FIRST);
        stream.lasting = true;
        cuda.remove(stream);
        cuda.own(() -> {
            stream.lasting = false;
            stream.close();
        });
        return stream;
    }

    private CudaStream(Cuda cuda, String what, long handle, boolean adopted) {
        super(cuda, what);
        this.handle = handle;
        this.adopted = adopted;
        opened();
    }

    /** A stream of another library. */
    static CudaStream adopted(Cuda cuda, long handle) {
        OptionalLong context = cuda.driver().contextOf(handle);
        if (context.isEmpty() || context.getAsLong() != cuda.context().handle()) {
            throw new IllegalArgumentException("0x" + Long.toHexString(handle) + " is "
                    + (context.isEmpty() ? "no stream; give the handle of one that is not destroyed"
                            : "a stream of another context than the primary one of GPU " + cuda.number()
                                    + "; have its library use that, by cuDevicePrimaryCtxRetain"));
        }
        return new CudaStream(cuda, "an adopted stream", handle, true);
    }

    /** The driver's handle, for other libraries. */
    public long handle() {
        requireOpen();
        return handle;
    }

    /** Waits until all work of the stream so far is done, and throws that work's failure. */
    public void synchronize() {
        CudaDriver driver = driver();
        cuda().context().await("cuStreamSynchronize", () -> driver.cuStreamSynchronize(handle),
                () -> driver.done(handle));
        HostFunctions.rethrow(cuda());
    }

    /** Whether all work of the stream so far is done; throws that work's failure. */
    public boolean isDone() {
        boolean done = driver().done(handle);
        HostFunctions.rethrow(cuda());
        return done;
    }

    /**
     * Makes work enqueued from now on wait until another stream has passed an event's mark. If the event was recorded
     * within {@link Cuda#record}, this stream takes part in the recording from now on.
     */
    public void waitFor(CudaEvent event) {
        driver().cuStreamWaitEvent(handle, Objects.requireNonNull(event, "the event is null").handleOf(cuda()), 0);
        cuda().current().waited(this, event);
    }

    /** Waits for the stream's work while the stream is being closed. */
    void awaitEnd() {
        cuda().context().uncheckedDriver().cuStreamSynchronize(handle);
    }

    @Override
    void withdraw() {
        if (lasting) {
            throw new IllegalStateException("the first stream of GPU " + cuda().number() + " was to be closed; it ends "
                    + "with the GPU");
        }
    }

    @Override
    void release(CudaDriver driver) {
        try (Resources both = new Resources()) {
            if (!adopted) {
                both.add(() -> driver.cuStreamDestroy_v2(handle));
            }
            both.add(() -> cuda().handles().forget(this));
        }
    }
}
