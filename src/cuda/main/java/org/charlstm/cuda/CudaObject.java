package org.charlstm.cuda;

import module java.base;
import org.charlstm.cuda.binding.CudaDriver;

/** Something that a program opens on a GPU and closes. It ends with its GPU at the latest. */
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

    /** Belongs to the GPU from now on, with the line that opened it. Constructors end with it, so nothing can fail. */
    final void opened() {
        opener = STACK.walk(frames -> frames.filter(frame -> !frame.getClassName().startsWith("org.charlstm."))
                .findFirst());
        cuda.add(this);
    }

    /** The GPU that it belongs to. */
    public final Cuda cuda() {
        return cuda;
    }

    /** Whether it has not been closed, nor its GPU. */
    public boolean isOpen() {
        return open.get() && cuda.isOpen();
    }

    /** The driver, for a call about this. */
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

    /** Refuses use on another GPU, or on the same one opened another time: neither knows the other's streams. */
    final void requireOf(Cuda other) {
        requireOpen();
        if (cuda != other) {
            throw new IllegalArgumentException(what + " is of GPU " + cuda.number() + ", and was used on GPU "
                    + other.number() + (cuda.number() == other.number() ? " opened a second time" : "")
                    + "; use what was made by one Cuda together");
        }
    }

    /** Marks it closed, from any thread, for who releases it; false if somebody else has closed it. */
    final boolean abandon() {
        cuda.remove(this);
        return open.compareAndSet(true, false);
    }

    /**
     * Takes it from whoever else in the program uses its memory, before it is released. If somebody does just now, that
     * is an IllegalStateException: it stays as it is, and open.
     */
    void withdraw() {
        // Nobody else uses most things.
    }

    /** Releases it; called once. */
    abstract void release(CudaDriver driver);

    /** Its kind and size, and the line that opened it. */
    final String described() {
        return opener.map(frame -> what + ", opened at " + frame.getFileName() + ":" + frame.getLineNumber())
                .orElse(what);
    }

    /** Its kind and size, for example {@code a buffer of 3 elements of float32}. */
    @Override
    public final String toString() {
        return what;
    }

    /**
     * Closes it; again, or after its GPU, does nothing. A kernel's fault is thrown only where nobody has thrown it yet.
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
                    // It is released even if the context cannot be made current.
                    both.add(cuda::driver);
                }
            });
        }
    }
}
