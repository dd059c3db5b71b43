package org.charlstm.cuda;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.cuda.binding.CudaDriver;
import org.charlstm.cuda.binding.CudaLibraries;
import org.jspecify.annotations.Nullable;

/**
 * A GPU: its memory, streams, kernels, and NVIDIA's libraries on it.
 *
 * {@snippet :
 * try (Cuda gpu = Cuda.open();
 *         CudaModule module = gpu.compile(Path.of("saxpy.cu"));
 *         CudaBuffer x = gpu.floats(1, 2, 3);
 *         CudaBuffer y = gpu.floats(10, 20, 30)) {
 *     module.kernel("saxpy").launch(Grid.covering(3, 128), 3, 2f, x, y);
 *     System.out.println(Arrays.toString(y.toFloats()));
 * }
 * }
 *
 * <p>Work is enqueued on the {@linkplain #stream current stream} and runs in its order, after the call has returned;
 * copies to and from arrays wait for it. Objects are closed by who opened them; those that are left are released with
 * the GPU, which logs them.
 *
 * <p>A {@code Cuda} with all that it gives serves one platform thread at a time, the one that opened it until that
 * calls {@link #handOver} and another {@link #takeOver}; every other thread is refused, and virtual ones always. Any
 * thread may ask for what the library knows without the GPU, such as a buffer's type and count, and whether it is open.
 * Threads that share one work {@linkplain #exclusively exclusively}; threads that compute at the same time open one
 * each.
 *
 * <p>A call that NVIDIA's libraries refuse is a {@link CudaException}. A wrong argument is an
 * {@link IllegalArgumentException}; use of something closed, or by another thread, an {@link IllegalStateException}.
 */
public final class Cuda implements AutoCloseable {
    private final CudaLibraries libraries;
    private final CudaContext context;
    private final int number;
    private final Resources resources = new Resources();
    private final OpenObjects objects = new OpenObjects();
    private final CudaMemory memory = new CudaMemory(this);
    private final LibraryHandles handles;
    private final HostFunctions hostFunctions = new HostFunctions();
    private final HostCopies copies;
    private final CurrentStream current;
    /** Null until they are asked for. */
    private @Nullable CudaProperties properties;

    Cuda(CudaLibraries libraries, int number) {
        this(libraries, number, false);
    }

    /** For libraries that are open; lent if its owner lends it to a thread at a time, of any kind: none is refused. */
    Cuda(CudaLibraries libraries, int number, boolean lent) {
        this.libraries = libraries;
        this.number = number;
        handles = new LibraryHandles(this, libraries);
        context = new CudaContext(libraries.driver(), number, lent);
        resources.add(() -> context.releaseQuietly(context::release));
        resources.add(() -> HostFunctions.forget(this));
        try {
            context.driver();
            current = new CurrentStream(CudaStream.first(this));
            copies = new HostCopies(this);
        } catch (RuntimeException e) {
            throw resources.closeAfter(e);
        }
    }

    /**
     * Opens the first GPU, or the one that the environment names; see {@link CudaOptions#ofEnvironment}.
     *
     * @throws CharlstmException if there is none: why not, and what to install, in one line
     */
    public static Cuda open() {
        return open(CudaOptions.ofEnvironment());
    }

    /**
     * Opens a GPU, real or simulated. A GPU may be open several times.
     *
     * @throws CharlstmException if it is not here: why not, and what to install, in one line
     */
    public static Cuda open(CudaOptions options) {
        return Objects.requireNonNull(options, "the choice of a GPU is null").open();
    }

    /** Why {@link #open(CudaOptions)} would not give a GPU, in one line; empty if it would. */
    public static Optional<String> unavailable(CudaOptions options) {
        try (Cuda _ = open(options)) {
            return Optional.empty();
        } catch (CharlstmException e) {
            return Optional.of(e.getMessage());
        }
    }

    /**
     * All GPUs that the driver sees, none of them opened.
     *
     * @throws CharlstmException if there is no driver
     */
    public static List<CudaProperties> gpus(CudaOptions options) {
        return CudaInstallation.of(options).gpus();
    }

    /** The driver, with this GPU's context current on the calling thread. */
    CudaDriver driver() {
        return context.driver();
    }

    CudaContext context() {
        return context;
    }

    CudaLibraries libraries() {
        return libraries;
    }

    /** The libraries that it was opened with. */
    public CudaInstallation installation() {
        return new CudaInstallation(libraries);
    }

    /**
     * Makes the calling thread the one that uses this GPU from now on, once the thread before has
     * {@linkplain #handOver handed it over} or has ended. A thread on which another library has made another context
     * current calls this too, even if it has the GPU already.
     *
     * @throws IllegalStateException if neither is so, or the calling thread is virtual
     */
    public void takeOver() {
        context.takeOver();
        context.renew();
    }

    /**
     * Lets another thread {@linkplain #takeOver take over} this GPU; the calling thread uses it no more. Work that it
     * has enqueued goes on.
     *
     * @throws IllegalStateException within {@link #on} or {@link #record}
     */
    public void handOver() {
        context.requireThread();
        if (!current.atRest()) {
            throw new IllegalStateException("GPU " + number + " cannot be handed over within on() or record(); hand it "
                    + "over after that");
        }
        context.handOver();
    }

    /**
     * Runs work when no other thread is at such work: {@linkplain #takeOver takes over} this GPU before and hands it
     * over after, for threads that share it, when the one that opened it has {@linkplain #handOver handed it over}.
     * Within such work, and for the thread that has the GPU, it only runs the work.
     *
     * @throws IllegalStateException if a thread has the GPU that has not handed it over, or the calling thread is
     *                               virtual
     * @throws CancellationException if the thread is interrupted before its turn; it stays interrupted
     */
    public void exclusively(Runnable work) {
        context.inTurn(Objects.requireNonNull(work, "the work is null"), this::handOver);
    }

    /**
     * Runs work {@linkplain #exclusively(Runnable) exclusively} if the thread's turn comes in time.
     *
     * @param most the longest wait for the turn; 0 does not wait
     * @throws TimeoutException if the turn did not come in time: the work did not run
     */
    public void exclusively(Duration most, Runnable work) throws TimeoutException {
        context.inTurn(Objects.requireNonNull(most, "the time is null"),
                Objects.requireNonNull(work, "the work is null"), this::handOver);
    }

    /** Its name, sizes and limits. */
    public CudaProperties properties() {
        if (properties == null) {
            properties = CudaProperties.of(driver(), number);
        }
        return properties;
    }

    /** The priority of streams whose work comes before all others', a number of 0 or less. */
    public int greatestPriority() {
        return driver().priorities().greatest();
    }

    /** Its number, from 0, in the driver's order. */
    public int number() {
        return number;
    }

    /** Whether it has not been closed. */
    public boolean isOpen() {
        return context.isOpen();
    }

    /** How much of its memory is free, and what its buffers have. */
    public CudaMemory memory() {
        return memory;
    }

    HostFunctions hostFunctions() {
        return hostFunctions;
    }

    HostCopies copies() {
        return copies;
    }

    /** A buffer of zeros, which the current stream writes: another stream has to wait for that. */
    public CudaBuffer allocate(CudaType type, long count) {
        return allocate(type, count, "buffers");
    }

    /**
     * A buffer of zeros.
     *
     * @param count   elements, at least 1
     * @param purpose what it is for, under which {@link CudaMemory#byPurpose} counts it
     */
    public CudaBuffer allocate(CudaType type, long count, String purpose) {
        return memory.filled(type, count, purpose, CudaBuffer::zero);
    }

    /** An uninitialised buffer: its elements have any value until they are written. */
    public CudaBuffer uninitialised(CudaType type, long count, String purpose) {
        return new CudaBuffer(this, type, count, purpose);
    }

    /** A buffer of float32 with these values. */
    public CudaBuffer floats(float... values) {
        return memory.of(CudaType.FLOAT32, values, buffer -> buffer.write(values));
    }

    /** A buffer of 32-bit integers with these values. */
    public CudaBuffer ints(int... values) {
        return memory.of(CudaType.INT32, values, buffer -> buffer.write(values));
    }

    /** A buffer of 64-bit integers with these values. */
    public CudaBuffer longs(long... values) {
        return memory.of(CudaType.INT64, values, buffer -> buffer.write(values));
    }

    /** A buffer of 16-bit integers with these values. */
    public CudaBuffer shorts(short... values) {
        return memory.of(CudaType.INT16, values, buffer -> buffer.write(values));
    }

    /** A buffer of 8-bit integers with these values. */
    public CudaBuffer bytes(byte... values) {
        return memory.of(CudaType.INT8, values, buffer -> buffer.write(values));
    }

    /** A buffer of doubles with these values. */
    public CudaBuffer doubles(double... values) {
        return memory.of(CudaType.FLOAT64, values, buffer -> buffer.write(values));
    }

    /** Pinned host memory, which {@link CudaBuffer#writeAsync} and {@link CudaBuffer#readAsync} need. */
    public HostBuffer pinned(CudaType type, long count) {
        return new HostBuffer(this, type, count);
    }

    /** The stream on which work is enqueued now: the GPU's first, unless {@link #on} has set another. */
    public CudaStream stream() {
        return current.stream();
    }

    CurrentStream current() {
        return current;
    }

    /**
     * A new stream, whose work runs beside that of others. Priority 0 is the usual one; a lower number comes first,
     * down to {@link #greatestPriority}, which the GPU's first stream has. The driver takes a number beyond those for
     * the nearest.
     *
     * @throws CudaException if the driver has no memory for one
     */
    public CudaStream newStream(int priority) {
        return new CudaStream(this, priority);
    }

    /**
     * A stream that another library has made in the GPU's primary context, for work in its order; 0 is the default
     * stream. It is not destroyed here; close this before its owner destroys it.
     *
     * @param handle the driver's, a {@code CUstream}
     * @throws IllegalArgumentException if it is no stream of this GPU's primary context
     */
    public CudaStream adopt(long handle) {
        return CudaStream.adopted(this, handle);
    }

    /**
     * Enqueues a function of the host on the current stream: it runs once the work before is done, and the work after
     * waits for it. Recorded, it runs at each launch of the graph. It runs on a thread of the driver and may use no
     * GPU, nor wait for something that needs one. The next wait throws its failure as an
     * {@link IllegalStateException}: one for a stream or an event, or a copy to the host. A question whether work is
     * done throws it too.
     */
    public void callHost(Runnable function) {
        HostFunctions.enqueue(this, Objects.requireNonNull(function, "the function is null"));
    }

    /** Runs {@code work}, whose launches, copies and products are enqueued on a stream. */
    public void on(CudaStream other, Runnable work) {
        driver();
        Objects.requireNonNull(other, "the stream is null").requireOf(this);
        current.on(other, Objects.requireNonNull(work, "the work is null"));
    }

    /** A new event, which tells whether work is done and when. */
    public CudaEvent newEvent() {
        return newEvent(true);
    }

    /** A new event; one that keeps no time orders streams faster. */
    public CudaEvent newEvent(boolean timing) {
        return new CudaEvent(this, timing);
    }

    /** A new stopwatch by the GPU's clock. */
    public CudaStopwatch newStopwatch() {
        return new CudaStopwatch(this);
    }

    /**
     * Records the work that {@code work} enqueues on the current stream, to be launched many times; none of it runs
     * yet. A kernel or product that runs for the first time may load code, which cannot be recorded: run the work once
     * before. Branches of a graph are made by events, as {@link CudaGraph} shows.
     */
    public CudaGraph record(Runnable work) {
        return new CudaGraph(this, work);
    }

    /** Waits until all work of the current stream is done, and throws what failed. */
    public void synchronize() {
        current.stream().synchronize();
    }

    /**
     * Ends every wait for this GPU's work after a time, where a kernel that never ends would block the thread for
     * good. Such a wait is a {@link CudaException} of status 702 (CUDA_ERROR_LAUNCH_TIMEOUT), as is every later call:
     * the GPU serves this process no more.
     *
     * @param most    so long a wait may take; a wait asks the driver again and again, and does not sleep in it
     * @param running says what the GPU was given, in the message
     * @return puts the limit that was there before in its place again
     * @throws IllegalArgumentException if the time is less than zero
     */
    public Runnable limitWaits(Duration most, Supplier<String> running) {
        return context.limit(new WaitLimit(Objects.requireNonNull(most, "the time is null"),
                Objects.requireNonNull(running, "the words is null")));
    }

    /**
     * Compiles a file of CUDA C++ by NVRTC for this GPU. Files that it includes by {@code #include "..."} are looked
     * for beside it. Machine code is kept on disk, so that the next program has it at once.
     *
     * @throws CharlstmException if NVRTC is not here, if a file cannot be read, or if it does not compile: with the
     *                           compiler's first error
     */
    public CudaModule compile(Path file) {
        return compile(CudaSource.of(file));
    }

    /** Compiles a text of CUDA C++ by NVRTC for this GPU, as {@link #compile(Path)} does. */
    public CudaModule compile(CudaSource source) {
        return CudaModule.compiled(this, source);
    }

    /**
     * Compiles texts of CUDA C++ as {@link #compile(CudaSource)} does, and links them to one module: each may call
     * {@code __device__} functions and use variables of the others, which it declares {@code extern}.
     *
     * @throws CharlstmException if one does not compile, if the texts do not fit one another, or two have one name
     */
    public CudaModule link(CudaSource... sources) {
        return CudaModule.linked(this, Objects.requireNonNull(sources, "the array of sources is null"));
    }

    /** Loads a CUBIN, a fat binary or PTX from a file. */
    public CudaModule load(Path file) {
        return CudaModule.loaded(this, file);
    }

    /** Loads a CUBIN, a fat binary or PTX, by a name for messages. */
    public CudaModule load(String name, byte[] image) {
        return CudaModule.loaded(this, name, image);
    }

    /** Products of matrices by cuBLAS. It lives as long as the GPU, and works on the current stream. */
    public CudaBlas blas() {
        return handles.blas();
    }

    /**
     * A recurrent network by cuDNN.
     *
     * @throws CharlstmException if cuDNN is not here, or does not serve the description or shape
     */
    public CudnnRnn rnn(RnnDescription description, CudnnRnn.Shape shape) {
        return new CudnnRnn(this, handles.cudnn(), description, shape);
    }

    /**
     * Where the weights of a recurrent network lie, whatever its shape.
     *
     * @throws CharlstmException if cuDNN is not here, or does not serve the description
     */
    public RnnWeights rnnWeights(RnnDescription description) {
        return RnnWeights.of(handles.cudnn(), description);
    }

    /**
     * cuDNN's version, for example 9.13.0. cuDNN starts at the first call of this or of one of its networks.
     *
     * @throws CharlstmException if it is not here, or does not start
     */
    public String cudnnVersion() {
        return handles.cudnn().cudnn().versionText();
    }

    /**
     * Joins the GPUs of other processes or threads by NCCL; waits until all have joined.
     *
     * @param id   the same for all, as one of them had it from {@link NcclCommunicator#newId}
     * @param size how many join
     * @param rank this one's number, from 0
     */
    public NcclCommunicator join(byte[] id, int size, int rank) {
        return new NcclCommunicator(this, libraries.nccl(), id, size, rank);
    }

    LibraryHandles handles() {
        return handles;
    }

    void add(CudaObject object) {
        objects.add(object);
    }

    void remove(CudaObject object) {
        objects.remove(object);
    }

    /** Something that is the GPU's own and ends with it; no user has to close it. */
    <T extends CudaObject> T kept(T object) {
        remove(object);
        own(object::close);
        return object;
    }

    /** Adds something that belongs to the GPU itself and ends with it. */
    void own(Runnable release) {
        resources.add(() -> context.releaseQuietly(release));
    }

    /** Its number and, while it is open, its name and sizes. */
    @Override
    public String toString() {
        return "GPU " + number + (properties == null ? "" : ": " + properties);
    }

    /**
     * Waits for the work of all streams, and releases all that is left; again does nothing. A GPU that was handed over
     * is taken over first. After work that {@linkplain #limitWaits did not end in time} nothing is released, since the
     * driver would wait for it: that ends with the process.
     *
     * @throws IllegalStateException if another thread has it, or uses {@linkplain HostBuffer pinned memory} of it: it
     *                               stays open then
     */
    @Override
    public void close() {
        if (!isOpen()) {
            return;
        }
        context.takeOver();
        if (context.isAbandoned()) {
            context.end();
            return;
        }
        objects.endWith(this, resources);
        resources.add(() -> context.releaseQuietly(current.stream()::synchronize));
        // Makes the context current first; if that fails, the rest is released all the same.
        resources.add(() -> context.releaseQuietly(this::driver));
        try {
            resources.close();
        } finally {
            context.end();
        }
    }
}
