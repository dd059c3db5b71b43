package org.charlstm.cuda;

import org.charlstm.cuda.binding.CudaDriver;
import org.jspecify.annotations.Nullable;

/** A GPU's primary context, which is current on the thread that calls, and serves one thread at a time. */
final class CudaContext {
    /** The context that is current on each thread: a process may hold several GPUs. */
    private static final ThreadLocal<CudaContext> CURRENT = new ThreadLocal<>();

    private final CudaDriver driver;
    private final int number;
    private final int device;
    private final long handle;
    /** The one thread that may use it; null for any. */
    private @Nullable Thread owner = Thread.currentThread();
    private boolean open = true;
    private boolean told;

    CudaContext(CudaDriver driver, int number) {
        this.driver = driver;
        this.number = number;
        device = driver.device(number);
        handle = driver.retainContext(device);
    }

    boolean isOpen() {
        return open;
    }

    /** The driver, with this context current on the calling thread. */
    CudaDriver driver() {
        requireThread();
        // The driver's current context is that of a thread of the system, which a virtual thread changes.
        if (CURRENT.get() != this || Thread.currentThread().isVirtual()) {
            driver.makeCurrent(handle);
            CURRENT.set(this);
        }
        return driver;
    }

    /** The driver, whatever context is current. */
    CudaDriver uncheckedDriver() {
        return driver;
    }

    /** Refuses use after close, and by another thread than the owner. */
    void requireThread() {
        if (!open) {
            throw new IllegalStateException("GPU " + number + " was used after it was closed");
        }
        Thread caller = Thread.currentThread();
        if (owner != null && caller.isVirtual()) {
            throw new IllegalStateException(
                    "thread '" + caller.getName() + "' is virtual, and work on a GPU is bound to "
                            + "a thread of the system; use a platform thread");
        }
        if (owner != caller && owner != null) {
            throw new IllegalStateException("GPU " + number + " is used by thread '" + owner.getName()
                    + "', and thread '" + caller.getName()
                    + "' called; it has to call takeOver() first, when the other is done");
        }
    }

    /** Serves one thread from now on, or any if it is null. */
    void serve(@Nullable Thread thread) {
        owner = thread;
    }

    /** True for the first who asks, after a kernel's fault: later failures are the same. */
    boolean tellsBreak() {
        boolean first = !told;
        told = true;
        return first;
    }

    void release() {
        driver.releaseContext(device);
    }

    void end() {
        open = false;
        CURRENT.remove();
    }
}
