package org.charlstm.cuda;

import module java.base;
import org.charlstm.cuda.binding.CudaDriver;
import org.jspecify.annotations.Nullable;

/** A GPU's primary context. It serves one thread at a time and is made current on the calling thread. */
final class CudaContext {
    /** The context that is current on each thread: a process may hold several GPUs. */
    private static final ThreadLocal<CudaContext> CURRENT = new ThreadLocal<>();

    private final CudaDriver driver;
    private final int number;
    private final int device;
    private final long handle;
    /** Whether the owner keeps threads apart; no thread is refused then. */
    private final boolean lent;
    /** The only thread that may use the context; null between hand-over and take-over. */
    private final AtomicReference<@Nullable Thread> owner = new AtomicReference<>(Thread.currentThread());
    private final ReentrantLock turns = new ReentrantLock(true);
    private volatile boolean open = true;
    /** Whether a kernel's fault has broken the context; all later calls then fail. */
    private volatile boolean broken;
    /** The limit of waits; null for none. */
    private @Nullable WaitLimit limit;
    /** The exceeded limit, after which the driver is not called: it would wait for work that does not end. */
    private volatile @Nullable CudaException abandoned;

    CudaContext(CudaDriver driver, int number, boolean lent) {
        this.driver = driver;
        this.number = number;
        this.lent = lent;
        HostFunctions.requireOutside(number);
        if (!lent) {
            requireOfSystem(Thread.currentThread());
        }
        device = driver.cuDeviceGet(number);
        try {
            handle = driver.cuDevicePrimaryCtxRetain(device);
        } catch (CudaException e) {
            throw !e.breaksContext() ? e : e.with("a kernel of this process has broken GPU " + number + ": "
                    + (e.needsNewProcess() ? "start another process"
                            : "close all that is open on it, and open it again"));
        }
    }

    long handle() {
        return handle;
    }

    /** The driver's number of the device. */
    int device() {
        return device;
    }

    boolean isOpen() {
        return open;
    }

    /** The driver, with this context current on the calling thread. */
    CudaDriver driver() {
        requireThread();
        CudaException why = abandoned;
        if (why != null) {
            // A new exception is thrown, since the first may get it as a suppressed one.
            throw why.with("");
        }
        // The driver keeps a current context for each platform thread, and a virtual thread may move between them.
        if (CURRENT.get() != this || (lent && Thread.currentThread().isVirtual())) {
            driver.cuCtxSetCurrent(handle);
            CURRENT.set(this);
        }
        return driver;
    }

    /** Whether work did not end in time. Nothing is released then, since the driver would wait for that work. */
    boolean isAbandoned() {
        return abandoned != null;
    }

    /** Sets a limit of waits, and returns an action that restores the previous limit. */
    Runnable limit(WaitLimit most) {
        requireThread();
        WaitLimit before = limit;
        limit = most;
        return () -> limit = before;
    }

    /** Waits by a call of the driver, or by polling if waits have a limit. */
    void await(String call, Runnable wait, BooleanSupplier done) {
        WaitLimit most = limit;
        if (most == null) {
            wait.run();
            return;
        }
        if (!most.await(done)) {
            CudaException why = most.exceeded(call);
            abandoned = why;
            throw why;
        }
    }

    /** The driver, without making this context current. */
    CudaDriver uncheckedDriver() {
        return driver;
    }

    /** Refuses use after close, and use by a thread other than the owner. */
    void requireThread() {
        requireOpen();
        HostFunctions.requireOutside(number);
        Thread caller = Thread.currentThread();
        Thread now = owner.get();
        if (now != caller && !lent) {
            requireOfSystem(caller);
            throw now == null ? new IllegalStateException("GPU " + number + " was handed over, and thread "
                    + title(caller) + " called; it has to call takeOver() first") : usedBy(now, caller);
        }
    }

    private void requireOpen() {
        if (!open) {
            throw new IllegalStateException("GPU " + number + " was used after it was closed");
        }
    }

    private static void requireOfSystem(Thread caller) {
        if (caller.isVirtual()) {
            throw new IllegalStateException("thread " + title(caller) + " is virtual, and work on a GPU is bound to a "
                    + "thread of the system; use a platform thread");
        }
    }

    private IllegalStateException usedBy(Thread now, Thread caller) {
        return new IllegalStateException("GPU " + number + " is used by thread " + title(now) + ", and thread "
                + title(caller) + " called; it has to call takeOver() first, when the other has called handOver() or "
                + "has ended");
    }

    private static String title(Thread thread) {
        return thread.getName().isEmpty() ? "#" + thread.threadId() : "'" + thread.getName() + "'";
    }

    /**
     * Makes the calling thread the owner. The owner before must have handed the context over or have ended; its writes
     * are visible to the new owner.
     */
    void takeOver() {
        requireOpen();
        HostFunctions.requireOutside(number);
        Thread caller = Thread.currentThread();
        Thread before = owner.get();
        if (before == caller || lent) {
            return;
        }
        requireOfSystem(caller);
        if (before != null && before.isAlive()) {
            throw usedBy(before, caller);
        }
        if (!owner.compareAndSet(before, caller)) {
            takeOver();
        }
    }

    /** Makes the next call set the current context anew, which another library may have changed. */
    void renew() {
        CURRENT.remove();
    }

    /** Waits for the calling thread's turn and runs its work; a thread that owns the context already keeps it. */
    void inTurn(Runnable work, Runnable handOver) {
        try {
            inTurn(Duration.ofNanos(Long.MAX_VALUE), work, handOver);
        } catch (TimeoutException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Runs work as {@link #inTurn(Runnable, Runnable)} does, if the turn comes in time. */
    void inTurn(Duration most, Runnable work, Runnable handOver) throws TimeoutException {
        waitForTurn(most);
        try (Resources after = new Resources()) {
            after.add(turns::unlock);
            if (!lent && owner.get() != Thread.currentThread()) {
                takeOver();
                renew();
                // The work may have closed the context.
                after.add(() -> {
                    if (open) {
                        handOver.run();
                    }
                });
            }
            work.run();
        }
    }

    private void waitForTurn(Duration most) throws TimeoutException {
        if (most.isNegative()) {
            throw new IllegalArgumentException("the time is " + most + "; it must be 0 or more");
        }
        if (turns.isHeldByCurrentThread()) {
            turns.lock();
            return;
        }
        Thread caller = Thread.currentThread();
        try {
            if (!turns.tryLock(TimeUnit.NANOSECONDS.convert(most), TimeUnit.NANOSECONDS)) {
                throw new TimeoutException("thread " + title(caller) + " waited " + most.toMillis() + " ms for GPU "
                        + number + ", and other threads are at work on it");
            }
        } catch (InterruptedException e) {
            caller.interrupt();
            CancellationException cancelled = new CancellationException("thread " + title(caller)
                    + " was interrupted before its turn at GPU " + number + "; its work did not run");
            cancelled.initCause(e);
            throw cancelled;
        }
    }

    /** Lets another thread take the context over. */
    void handOver() {
        if (!lent) {
            owner.set(null);
        }
    }

    /** Notes that a call of the calling thread has failed by a kernel's fault. */
    static void breaks() {
        CudaContext now = CURRENT.get();
        if (now != null) {
            now.broken = true;
        }
    }

    /** Runs a release. If a call has already thrown a kernel's fault, the driver's failures are ignored. */
    void releaseQuietly(Runnable release) {
        boolean told = broken;
        try {
            release.run();
        } catch (CudaException e) {
            if (!told) {
                throw e;
            }
        }
    }

    void release() {
        if (!isAbandoned()) {
            driver.cuDevicePrimaryCtxRelease_v2(device);
        }
    }

    void end() {
        open = false;
        CURRENT.remove();
    }
}
