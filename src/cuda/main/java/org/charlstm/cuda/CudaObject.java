package org.charlstm.cuda;

import module java.base;
import org.charlstm.cuda.binding.CudaDriver;

/** An object that a program opens on a GPU and closes. Closing the GPU closes the object. */
abstract class CudaObject implements AutoCloseable {
    private static final StackWalker STACK = StackWalker.getInstance();

    private final Cuda cuda;
    private final String what;
    private Optional<StackWalker.StackFrame> opener = Optional.empty();
    private final AtomicBoolean open = new AtomicBoolean(true);

    /** @param what names it in messages, for example {@code a stream} */
    CudaObject(Cuda cuda, String what) {
        this.cuda = cuda;
        this.what = what;
    }

    /**
     * Registers the object at the GPU, with the program's line that opened it. Constructors call this last, so no later
     * step fails.
     */
    final void opened() {
        opener = STACK.walk(frames -> frames.filter(frame -> !frame.getClassName().startsWith("org.charlstm."))
                .findFirst());
        cuda.add(this);
    }

    /** The GPU that the object belongs to. */
    public final Cuda cuda() {
        return cuda;
    }

    /** Whether neither this object nor its GPU has been closed. */
    public boolean isOpen() {
        return open.get() && cuda.isOpen();
    }

    /** The driver, for a call on this object. */
    final CudaDriver driver() {
        requireOpen();
        return cuda.driver();
    }

    final void requireOpen() {
        if (!open.get()) {
            throw new IllegalStateException(what + " was used after it "
                    + (cuda.isOpen() ? "" : "or GPU " + cuda.number() + " ") + "was closed");
        }
    }

    /**
     * Refuses use with another {@code Cuda}, even of the same GPU, since a {@code Cuda} does not know another's
     * streams.
     */
    final void requireOf(Cuda other) {
        requireOpen();
        if (cuda != other) {
            throw new IllegalArgumentException(what + " is of GPU " + cuda.number() + ", and was used on GPU "
                    + other.number() + (cuda.number() == other.number() ? " opened a second time" : "")
                    + "; use what was made by one Cuda together");
        }
    }

    /**
     * Marks the object closed, from any thread. Returns true if the caller now has to release the object, false if it
     * was closed before.
     */
    final boolean abandon() {
        cuda.remove(this);
        return open.compareAndSet(true, false);
    }

    /**
     * Ends other access to the object's memory before the release. Throws an IllegalStateException, and leaves the
     * object open, if the memory is in use.
     */
    void withdraw() {
        // Most objects have no other access.
    }

    /** Releases the object; called once. */
    abstract void release(CudaDriver driver);

    /** The object's kind and size, and the line that opened it. */
    final String described() {
        return opener.map(frame -> what + ", opened at " + frame.getFileName() + ":" + frame.getLineNumber())
                .orElse(what);
    }

    /** The object's kind and size, for example {@code a buffer of 3 elements of float32}. */
    @Override
    public final String toString() {
        return what;
    }

    /**
     * Closes the object; does nothing if the object or its GPU is closed. Throws a kernel's fault only if no call has
     * thrown the fault before.
     */
    @Override
    public final void close() {
        if (isOpen()) {
            cuda.context().requireThread();
            withdraw();
            if (!abandon() || cuda.context().isAbandoned()) {
                return;
            }
            cuda.context().releaseQuietly(() -> {
                try (Resources both = new Resources()) {
                    both.add(() -> release(cuda.context().uncheckedDriver()));
                    // The object is released even if the context cannot be made current.
                    both.add(cuda::driver);
                }
            });
        }
    }
}
