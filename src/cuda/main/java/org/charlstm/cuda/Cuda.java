package org.charlstm.cuda;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.cuda.binding.CudaDriver;
import org.charlstm.cuda.binding.CudaLibraries;
import org.jspecify.annotations.Nullable;

/**
 * An open GPU with its memory, streams and kernels, and NVIDIA's libraries on it.
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
 * <p>Calls enqueue work on the {@linkplain #stream current stream}, which runs it in order and asynchronously; copies
 * to and from arrays wait for that work. The program closes every object that it opened; closing the GPU releases and
 * logs any object left open.
 *
 * <p>A {@code Cuda} and its objects serve one platform thread at a time: the thread that opened the GPU, until that
 * thread calls {@link #handOver} and another calls {@link #takeOver}. Other threads are refused, and virtual threads
 * always. Any thread may ask for facts that need no call of the GPU, such as a buffer's type and count, and whether it
 * is open. Threads that share a {@code Cuda} work {@linkplain #exclusively exclusively}; threads that compute at the
 * same time each open their own.
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

    /** Opens a GPU by open libraries. If {@code lent}, no thread is refused: the owner keeps threads apart. */
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
     * @throws CharlstmException if there is no GPU; the one-line message says why, and what to install
     */
    public static Cuda open() {
        return open(CudaOptions.ofEnvironment());
    }

    /**
     * Opens a GPU, real or simulated. A GPU may be open several times.
     *
     * @throws CharlstmException if the GPU is not here; the one-line message says why, and what to install
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
     * All GPUs that the driver sees; none is opened.
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

    /** The libraries that this GPU was opened with. */
    public CudaInstallation installation() {
        return new CudaInstallation(libraries);
    }

    /**
     * Makes the calling thread the one that uses this GPU from now on, once the thread before has
     * {@linkplain #handOver handed it over} or has ended. A thread on which another library has made another context
     * current calls this too, even if it has the GPU already.
     *
     * @throws IllegalStateException if the thread before has done neither, or the calling thread is virtual
     */
    public void takeOver() {
        context.takeOver();
        context.renew();
    }

    /**
     * Lets another thread {@linkplain #takeOver take over} this GPU; the calling thread may no longer use it. Enqueued
     * work goes on.
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
     * Runs work under this GPU's lock, for threads that share the GPU: {@linkplain #takeOver takes over} the GPU before
     * the work and hands it over afterwards. The thread that opened the GPU must have {@linkplain #handOver handed it
     * over}. A thread that has the GPU already, as within such work, keeps it.
     *
     * @throws IllegalStateException if another thread has not handed the GPU over, or the calling thread is virtual
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

    /** The GPU's name, sizes and limits. */
    public CudaProperties properties() {
        if (properties == null) {
            properties = CudaProperties.of(driver(), number);
        }
        return properties;
    }

    /** The highest priority of a stream: a number of 0 or less. */
    public int greatestPriority() {
        return driver().priorities().greatest();
    }

    /** The GPU's number in the driver's order, from 0. */
    public int number() {
        return number;
    }

    /** Whether the GPU has not been closed. */
    public boolean isOpen() {
        return context.isOpen();
    }

    /** The GPU's memory: how much is free, and how much the buffers hold. */
    public CudaMemory memory() {
        return memory;
    }

    HostFunctions hostFunctions() {
        return hostFunctions;
    }

    HostCopies copies() {
        return copies;
    }

    /** A buffer of zeros. The current stream writes the zeros; another stream has to wait for that. */
    public CudaBuffer allocate(CudaType type, long count) {
        return allocate(type, count, "buffers");
    }

    /**
     * A buffer of zeros.
     *
     * @param count   elements, at least 1
     * @param purpose a name under which {@link CudaMemory#byPurpose} counts the buffer
     */
    public CudaBuffer allocate(CudaType type, long count, String purpose) {
        return memory.filled(type, count, purpose, CudaBuffer::zero);
    }

    /** A buffer of uninitialised elements. */
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
     * A new stream, whose work may run concurrently with other streams'. Priority 0 is the default; a lower number is a
     * higher priority, down to {@link #greatestPriority}, the priority of the GPU's first stream. The driver clamps
     * other numbers to this range.
     *
     * @throws CudaException if the driver has no memory for a stream
     */
    public CudaStream newStream(int priority) {
        return new CudaStream(this, priority);
    }

    /**
     * A stream that another library made in the GPU's primary context; 0 is the default stream. Closing this object
     * does not destroy the stream; close it before the stream's owner destroys the stream.
     *
     * @param handle the driver's, a {@code CUstream}
     * @throws IllegalArgumentException if it is no stream of this GPU's primary context
     */
    public CudaStream adopt(long handle) {
        return CudaStream.adopted(this, handle);
    }

    /**
     * Enqueues a host function on the current stream: the function runs once earlier work is done, and later work waits
     * for it. A recorded function runs at each launch of the graph. The driver calls the function on a thread of its
     * own; the function may not use a GPU, nor wait for something that needs a GPU. If the function throws, the next
     * wait for a stream or an event, copy to the host, or question whether work is done throws an
     * {@link IllegalStateException}.
     */
    public void callHost(Runnable function) {
        HostFunctions.enqueue(this, Objects.requireNonNull(function, "the function is null"));
    }

    /** Runs {@code work} with another current stream, which takes its launches, copies and products. */
    public void on(CudaStream other, Runnable work) {
        driver();
        Objects.requireNonNull(other, "the stream is null").requireOf(this);
        current.on(other, Objects.requireNonNull(work, "the work is null"));
    }

    /** A new event, which tells whether work is done and when. */
    public CudaEvent newEvent() {
        return newEvent(true);
    }

    /** A new event; an event without timing synchronises streams faster. */
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
     * Limits every wait for this GPU's work, since a kernel that never ends would block the thread for good. A wait
     * beyond the limit throws a {@link CudaException} of status 702 (CUDA_ERROR_LAUNCH_TIMEOUT), and so does every
     * later call: this {@code Cuda} can no longer be used.
     *
     * @param most    the longest wait; a limited wait polls the driver instead of blocking in it
     * @param running describes the GPU's work, for the message
     * @return restores the previous limit
     * @throws IllegalArgumentException if the time is less than zero
     */
    public Runnable limitWaits(Duration most, Supplier<String> running) {
        return context.limit(new WaitLimit(Objects.requireNonNull(most, "the time is null"),
                Objects.requireNonNull(running, "the words is null")));
    }

    /**
     * Compiles a file of CUDA C++ by NVRTC for this GPU. Files included by {@code #include "..."} are looked for beside
     * it. The machine code is cached on disk for later programs.
     *
     * @throws CharlstmException if NVRTC is not here, a file cannot be read, or the text does not compile; the message
     *                           has the compiler's first error
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
     * @throws CharlstmException if a text does not compile, the texts do not link, or two texts have the same name
     */
    public CudaModule link(CudaSource... sources) {
        return CudaModule.linked(this, Objects.requireNonNull(sources, "the array of sources is null"));
    }

    /** Loads a CUBIN, a fat binary or PTX from a file. */
    public CudaModule load(Path file) {
        return CudaModule.loaded(this, file);
    }

    /** Loads a CUBIN, a fat binary or PTX; messages name the image {@code name}. */
    public CudaModule load(String name, byte[] image) {
        return CudaModule.loaded(this, name, image);
    }

    /** Products of matrices by cuBLAS, enqueued on the current stream. The object lives as long as the GPU. */
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
     * Where the weights of a recurrent network lie; its batch and time steps do not matter.
     *
     * @throws CharlstmException if cuDNN is not here, or does not serve the description
     */
    public RnnWeights rnnWeights(RnnDescription description) {
        return RnnWeights.of(handles.cudnn(), description);
    }

    /**
     * cuDNN's version, for example 9.13.0. The first call of this method, or of {@link #rnn}, loads cuDNN.
     *
     * @throws CharlstmException if cuDNN is not here, or does not start
     */
    public String cudnnVersion() {
        return handles.cudnn().cudnn().versionText();
    }

    /**
     * Joins the GPUs of other processes or threads by NCCL; waits until all have joined.
     *
     * @param id   the same for all members; one member makes it by {@link NcclCommunicator#newId}
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

    /** Makes an object the GPU's own: the object ends with the GPU, and no user has to close it. */
    <T extends CudaObject> T kept(T object) {
        remove(object);
        own(object::close);
        return object;
    }

    /** Adds a release that runs when the GPU is closed. */
    void own(Runnable release) {
        resources.add(() -> context.releaseQuietly(release));
    }

    /** The GPU's number and, once they were asked for, its properties. */
    @Override
    public String toString() {
        return "GPU " + number + (properties == null ? "" : ": " + properties);
    }

    /**
     * Waits for the work of all streams, and releases every object left open; a second call does nothing. A GPU that
     * was handed over is taken over first. If work {@linkplain #limitWaits did not end in time}, nothing is released
     * before the process ends, since the driver would wait for that work.
     *
     * @throws IllegalStateException if another thread has the GPU, or uses its {@linkplain HostBuffer pinned memory};
     *                               the GPU then stays open
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
        // This makes the context current first; if that fails, the rest is released all the same.
        resources.add(() -> context.releaseQuietly(this::driver));
        try {
            resources.close();
        } finally {
            context.end();
        }
    }
}
