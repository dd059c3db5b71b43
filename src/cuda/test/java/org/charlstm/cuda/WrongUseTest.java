package org.charlstm.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.cuda.CudnnRnn.Shape;
import org.charlstm.cuda.CudnnRnn.State;
import org.charlstm.cuda.SimulatedGpu;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Each mistake that a program can make is told in one line: what was called, what it was given, what it takes. */
@Needs(Need.SIMULATED_GPU)
class WrongUseTest {
    private static final Class<IllegalArgumentException> ARGUMENT = IllegalArgumentException.class;
    private static final Class<IllegalStateException> STATE = IllegalStateException.class;
    private static final Class<IndexOutOfBoundsException> RANGE = IndexOutOfBoundsException.class;
    private static final String ADD = "add(int* values, int amount, int n)";
    /** Two openings of a GPU, and one of each thing on the first. */
    static final class Things implements AutoCloseable {
        private final Resources resources = new Resources();
        private final Cuda gpu;
        private final Cuda other;
        private final CudaModule module;
        private final CudaKernel add;
        private final CudaBuffer ints;
        private final CudaBuffer floats;
        private final CudaBuffer elsewhere;
        private final CudaStream stream;
        private final CudaEvent event;
        private final CudnnRnn gru;
        private final CudnnRnn lstm;
        private final CudnnRnn.Space space;
        private final CudaBuffer weights;

        Things(String binding) {
            gpu = opened(Gpus.open(binding));
            other = opened(Gpus.open(binding));
            module = opened(gpu.load("kernels", SimulatedGpu.builtIn()));
            add = module.kernel(ADD);
            ints = opened(gpu.ints(1, 2, 3));
            floats = opened(gpu.floats(1, 2, 3, 4));
            elsewhere = opened(other.ints(1));
            stream = opened(gpu.newStream(0));
            event = opened(gpu.newEvent());
            gru = opened(gpu.rnn(RnnDescription.gru(2, 2), Shape.of(2, 1, false)));
            lstm = opened(gpu.rnn(RnnDescription.lstm(2, 2).withLayers(2), Shape.of(2, 1, true)));
            space = opened(gru.newSpace());
            weights = opened(gpu.allocate(CudaType.FLOAT32, gru.weights().count()));
        }

        private <T extends AutoCloseable> T opened(T thing) {
            resources.add(() -> {
                try {
                    thing.close();
                } catch (RuntimeException e) {
                    throw e;
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            });
            return thing;
        }

        private CudaBuffer closed() {
            CudaBuffer buffer = gpu.ints(1);
            buffer.close();
            return buffer;
        }

        @Override
        public void close() {
            resources.close();
        }
    }

    /**
     * A mistake.
     *
     * @param line the whole message
     */
    record Wrong(String name, Consumer<Things> code, Class<? extends Exception> type, String line) {
    }

    private static final Grid ONE = Grid.of(1, 1);
    private static final String BESIDE = "work on a stream that takes no part in the recording would run at once; let "
            + "the stream wait first for an event that was recorded within: stream.waitFor(event)";

    private static final String OVERLAP = "a copy between memory that overlaps, whose result nobody promises; copy by "
            + "way of another buffer";
    private static final String CLOSED = "a graph was launched after a buffer of 1 elements of int was closed, which "
            + "it uses; close that after the graph";

    private static void launchAfterClose(Things all, Runnable work, CudaObject used) {
        try (CudaGraph graph = all.gpu.record(work)) {
            used.close();
            graph.launch();
        }
    }

    private static final List<Wrong> LAUNCHES = List.of(
            new Wrong("too few arguments", all -> all.add.launch(ONE, all.ints, 1), ARGUMENT,
                    ADD + " takes 3 arguments, and 2 were given"),
            new Wrong("too many arguments", all -> all.add.launch(ONE, all.ints, 1, 1, 1), ARGUMENT,
                    ADD + " takes 3 arguments, and 4 were given"),
            new Wrong("a number where a pointer belongs", all -> all.add.launch(ONE, 1, 1, 1), ARGUMENT,
                    "argument 1 of " + ADD + " is values, of type int*, and an int was given"),
            new Wrong("a buffer where a number belongs", all -> all.add.launch(ONE, all.ints, all.ints, 1), ARGUMENT,
                    "argument 2 of " + ADD + " is amount, of type int, and a buffer of int was given"),
            new Wrong("a buffer of another type", all -> all.add.launch(ONE, all.floats, 1, 1), ARGUMENT,
                    "argument 1 of " + ADD + " is values, of type int*, and a buffer of float32 was given"),
            new Wrong("a float for an int", all -> all.add.launch(ONE, all.ints, 1f, 1), ARGUMENT,
                    "argument 2 of " + ADD + " is amount, of type int, and a float was given"),
            new Wrong("a long for an int", all -> all.add.launch(ONE, all.ints, 1, 1L), ARGUMENT,
                    "argument 3 of " + ADD + " is n, of type int, and a long was given"),
            new Wrong("an array", all -> all.add.launch(ONE, new int[1], 1, 1), ARGUMENT,
                    "argument 1 of " + ADD + " is values, of type int*, and a value of type int[] was given"),
            new Wrong("null", all -> all.add.launch(ONE, null, 1, 1), ARGUMENT,
                    "argument 1 of " + ADD + " is values, of type int*, and null was given"),
            new Wrong("a closed buffer", all -> all.add.launch(ONE, all.closed(), 1, 1), STATE,
                    "a buffer of 1 elements of int was used after it was closed"),
            new Wrong("a buffer of another GPU", all -> all.add.launch(ONE, all.elsewhere, 1, 1), ARGUMENT,
                    "argument 1 of " + ADD + " is values, of type int*, and a buffer of another Cuda, on GPU 0, was "
                            + "given"),
            new Wrong("an argument that there is not", all -> all.add.prepare(ONE).set(3, 1), RANGE,
                    "argument 3, counted from 0, of " + ADD + ", which takes 3"),
            new Wrong("a buffer closed after it was set", all -> {
                CudaBuffer buffer = all.gpu.ints(1);
                KernelLaunch launch = all.add.prepare(ONE, buffer, 1, 1);
                buffer.close();
                launch.launch();
            }, STATE, "a buffer of 1 elements of int was used after it was closed"),
            new Wrong("a kernel that there is not", all -> all.module.kernel("subtract"), CharlstmException.class,
                    "no kernel 'subtract' in kernels; a kernel is found if it is declared extern \"C\" __global__"),
            new Wrong("another declaration", all -> all.module.kernel("add(int*, float, double)"), ARGUMENT,
                    "kernel add in kernels has parameters of [8, 4, 4] bytes, which are not those of "
                            + "add(int*, float, double)"),
            new Wrong("fewer parameters", all -> all.module.kernel(new KernelSignature("add", List.of())), ARGUMENT,
                    "kernel add in kernels has parameters of [8, 4, 4] bytes, which are not those of add()"),
            new Wrong("a kernel of a closed module", all -> {
                CudaModule module = all.gpu.load("mine", SimulatedGpu.builtIn());
                CudaKernel add = module.kernel(ADD);
                module.close();
                add.launch(ONE, all.ints, 1, 1);
            }, STATE, "module mine was used after it was closed"),
            new Wrong("no threads", _ -> Grid.of(1, 0), ARGUMENT,
                    "a grid of 1 x 1 x 1 blocks of 0 x 1 x 1 threads; each number must be at least 1"),
            new Wrong("too many threads", _ -> Grid.of(1, 32, 33), ARGUMENT,
                    "a block of 32 x 33 x 1 threads; it can have at most 1024, along z at most 64"),
            new Wrong("too many threads along z", _ -> ONE.threads(1, 1, 65), ARGUMENT,
                    "a block of 1 x 1 x 65 threads; it can have at most 1024, along z at most 64"),
            new Wrong("more threads than a long counts",
                    _ -> ONE.threads(Integer.MAX_VALUE, Integer.MAX_VALUE, Integer.MAX_VALUE), ARGUMENT,
                    "a block of 2147483647 x 2147483647 x 2147483647 threads; it can have at most 1024, along z at "
                            + "most 64"),
            new Wrong("too many blocks along y", _ -> ONE.blocks(1, 65536, 1), ARGUMENT,
                    "a grid of 1 x 65536 x 1 blocks; along y and z it can have at most 65535, so take x for the most"),
            new Wrong("a part of a cluster", _ -> Grid.of(3, 1).cluster(2, 1, 1), ARGUMENT,
                    "clusters of 2 x 1 x 1 blocks in a grid of 3 x 1 x 1; the grid must hold whole clusters"),
            new Wrong("negative shared memory", _ -> ONE.shared(-1), ARGUMENT,
                    "-1 bytes of shared memory; give 0 or more"),
            new Wrong("a grid for less than nothing", _ -> Grid.covering(-5, 32), ARGUMENT,
                    "a grid for -5 elements by blocks of 32 threads; there must be 0 elements or more, 1 thread or "
                            + "more, and less than 2^31 blocks"),
            new Wrong("a grid for rows below zero", _ -> Grid.covering(-5, 7, 32, 8), ARGUMENT,
                    "a grid for -5 rows and 7 columns; there must be 0 or more of each"),
            new Wrong("a grid for columns below zero", _ -> Grid.covering(5, -7, 32, 8), ARGUMENT,
                    "a grid for 5 rows and -7 columns; there must be 0 or more of each"));

    private static final List<Wrong> BUFFERS = List.of(
            new Wrong("no values", all -> all.gpu.floats(), ARGUMENT,
                    "a buffer of 0 elements of float32; it needs at least 1"),
            new Wrong("an empty view", all -> all.floats.view(1, 0), ARGUMENT,
                    "a view of 0 elements of float32; it needs at least 1"),
            new Wrong("no pinned memory", all -> all.gpu.pinned(CudaType.INT32, 0), ARGUMENT,
                    "pinned memory for 0 elements of int; it needs at least 1"),
            new Wrong("a negative count", all -> all.gpu.allocate(CudaType.FLOAT32, -3), ARGUMENT,
                    "a buffer of -3 elements of float32; it needs at least 1"),
            new Wrong("more than can be counted", all -> all.gpu.pinned(CudaType.FLOAT64, Long.MAX_VALUE / 8), ARGUMENT,
                    "pinned memory for 1152921504606846975 elements of double; its bytes cannot be counted"),
            new Wrong("a view out of bounds", all -> all.floats.view(2, 3), RANGE,
                    "3 elements from element 2 on, in a buffer of 4 of float32"),
            new Wrong("too many values", all -> all.floats.write(new float[5]), RANGE,
                    "20 bytes (5 elements) from element 0 on, in a buffer of 4 of float32"),
            new Wrong("too many bytes", all -> all.ints.write(2, MemorySegment.ofArray(new byte[5])), RANGE,
                    "5 bytes (2 elements) from element 2 on, in a buffer of 3 of int"),
            new Wrong("an array of another type", all -> all.floats.write(new double[2]), ARGUMENT,
                    "a buffer of float32 does not take double[]; give floats, or memory of float32"),
            new Wrong("floats for ints", all -> all.ints.write(new float[2]), ARGUMENT,
                    "a buffer of int does not take floats; give int[], or memory of int"),
            new Wrong("floats from ints", all -> all.ints.toFloats(), ARGUMENT,
                    "a buffer of int does not take floats; give int[], or memory of int"),
            new Wrong("bits of floats", all -> all.floats.read(new short[2]), ARGUMENT,
                    "a buffer of float32 does not take short[]; give floats, or memory of float32"),
            new Wrong("a fraction for ints", all -> all.ints.fill(0.5), ARGUMENT,
                    "0.5 is no int, and the buffer holds ints"),
            new Wrong("a copy from another type", all -> all.ints.copyFrom(all.floats), ARGUMENT,
                    "a buffer of int does not take a buffer of float32; give int[], or memory of int"),
            new Wrong("a copy from a longer buffer", all -> all.ints.view(0, 2).copyFrom(all.ints), RANGE,
                    "3 elements from element 0 on, in a buffer of 2 of int"),
            new Wrong("a copy from itself", all -> all.ints.copyFrom(all.ints), ARGUMENT, OVERLAP),
            new Wrong("a copy over its own source", all -> all.ints.view(1, 2).copyFrom(all.ints.view(0, 2)), ARGUMENT,
                    OVERLAP),
            new Wrong("a copy from another GPU", all -> all.ints.copyFrom(all.elsewhere), ARGUMENT,
                    "a buffer of 1 elements of int is of GPU 0, and was used on GPU 0 opened a second time; use what "
                            + "was made by one Cuda together"),
            new Wrong("another type of odd bits", all -> all.ints.view(0, 1).as(CudaType.FLOAT64), ARGUMENT,
                    "1 elements of int cannot be seen as double, which has 8 bytes each"),
            new Wrong("another type from the middle", all -> all.ints.view(1, 2).as(CudaType.FLOAT64), ARGUMENT,
                    "2 elements of int cannot be seen as double: they do not begin at a multiple of 8 bytes"),
            new Wrong("a view of what is closed", all -> {
                CudaBuffer buffer = all.gpu.ints(1);
                CudaBuffer view = buffer.view(0, 1);
                buffer.close();
                view.toInts();
            }, STATE, "a buffer of 1 elements of int was used after it was closed"),
            new Wrong("closed pinned memory", all -> {
                HostBuffer host = all.gpu.pinned(CudaType.INT32, 1);
                host.close();
                all.ints.writeAsync(host);
            }, STATE, "pinned memory for 1 elements of int was used after it was closed"),
            new Wrong("floats of pinned doubles", all -> {
                try (HostBuffer host = all.gpu.pinned(CudaType.FLOAT64, 1)) {
                    host.floats();
                }
            }, ARGUMENT, "pinned memory of double is no FloatBuffer; take its segment()"));

    private static final List<Wrong> ORDER = List.of(
            new Wrong("a GPU that is closed", all -> {
                all.other.close();
                all.other.floats(1);
            }, STATE, "GPU 0 was used after it was closed"),
            new Wrong("a buffer of a GPU that is closed", all -> {
                Cuda gpu = new Cuda(all.gpu.libraries(), 0);
                CudaBuffer buffer = gpu.floats(1);
                gpu.remove(buffer);
                gpu.own(buffer::close);
                gpu.close();
                buffer.toFloats();
            }, STATE, "a buffer of 1 elements of float32 was used after it or GPU 0 was closed"),
            new Wrong("a closed stream", all -> {
                all.stream.close();
                all.gpu.on(all.stream, () -> {});
            }, STATE, "a stream was used after it was closed"),
            new Wrong("the first stream of a GPU that stays open", all -> all.gpu.stream().close(), STATE,
                    "the first stream of GPU 0 was to be closed; it ends with the GPU"),
            new Wrong("a stream of another GPU", all -> all.other.on(all.stream, () -> {}), ARGUMENT,
                    "a stream is of GPU 0, and was used on GPU 0 opened a second time; use what was made by one "
                            + "Cuda together"),
            new Wrong("a stream closed in the middle", all -> all.gpu.on(all.stream, () -> {
                all.stream.close();
                all.gpu.blas().multiply(1, 1, 1, all.floats, all.floats, all.floats.view(1, 1));
            }), STATE, "a stream was used after it was closed"),
            new Wrong("a closed event", all -> {
                all.event.close();
                all.gpu.stream().waitFor(all.event);
            }, STATE, "an event was used after it was closed"),
            new Wrong("an event of another GPU", all -> all.other.stream().waitFor(all.event), ARGUMENT,
                    "an event is of GPU 0, and was used on GPU 0 opened a second time; use what was made by one Cuda "
                            + "together"),
            new Wrong("the time since no mark", all -> all.event.secondsSince(all.event), STATE,
                    "the first event has no mark; call record() first"),
            new Wrong("the time of an event without time", all -> {
                all.event.record();
                try (CudaEvent untimed = all.gpu.newEvent(false)) {
                    untimed.record();
                    untimed.secondsSince(all.event);
                }
            }, STATE, "the second event keeps no time; make it by newEvent()"),
            new Wrong("a closed graph", all -> {
                CudaGraph graph = all.gpu.record(() -> all.ints.fill(1));
                graph.close();
                graph.launch();
            }, STATE, "a graph was used after it was closed"),
            new Wrong("a graph that is closed within its update", all -> {
                CudaGraph graph = all.gpu.record(() -> all.ints.fill(1));
                graph.update(graph::close);
            }, STATE, "a graph was closed by the work that it was updated to; close it after the update"),
            new Wrong("a graph of a closed module", all -> {
                CudaModule module = all.gpu.load("mine", SimulatedGpu.builtIn());
                CudaKernel add = module.kernel(ADD);
                try (CudaGraph graph = all.gpu.record(() -> add.launch(ONE, all.ints, 1, 1))) {
                    module.close();
                    graph.launch();
                }
            }, STATE, "a graph was launched after module mine was closed, which it uses; close that after the graph"),
            new Wrong("a graph that has the graph of a closed module", all -> {
                CudaModule module = all.gpu.load("mine", SimulatedGpu.builtIn());
                CudaKernel add = module.kernel(ADD);
                try (CudaGraph inner = all.gpu.record(() -> add.launch(ONE, all.ints, 1, 1));
                        CudaGraph graph = all.gpu.record(inner::launch)) {
                    module.close();
                    graph.launch();
                }
            }, STATE, "a graph was launched after module mine was closed, which it uses; close that after the graph"),
            new Wrong("a graph of a launch on a closed buffer", all -> {
                CudaBuffer buffer = all.gpu.ints(1);
                launchAfterClose(all, () -> all.add.launch(ONE, buffer, 1, 1), buffer);
            }, STATE, CLOSED),
            new Wrong("a graph of a fill of a view of a closed buffer", all -> {
                CudaBuffer buffer = all.gpu.ints(1, 2);
                launchAfterClose(all, () -> buffer.view(1, 1).fill(3), buffer);
            }, STATE, "a graph was launched after a view of 1 elements of int was closed, which it uses; close that "
                    + "after the graph"),
            new Wrong("a graph of a copy from a closed buffer", all -> {
                CudaBuffer buffer = all.gpu.ints(1);
                launchAfterClose(all, () -> all.ints.copyFrom(buffer), buffer);
            }, STATE, CLOSED),
            new Wrong("a graph of a copy to a closed buffer", all -> {
                CudaBuffer buffer = all.gpu.ints(1);
                launchAfterClose(all, () -> buffer.copyFrom(all.ints.view(0, 1)), buffer);
            }, STATE, CLOSED),
            new Wrong("a graph of a copy to closed pinned memory", all -> {
                HostBuffer pinned = all.gpu.pinned(CudaType.INT32, 3);
                launchAfterClose(all, () -> all.ints.readAsync(pinned), pinned);
            }, STATE, "a graph was launched after pinned memory for 3 elements of int was closed, which it uses; close "
                    + "that after the graph"),
            new Wrong("a graph of a product of a closed matrix", all -> {
                CudaBuffer buffer = all.gpu.floats(1);
                all.gpu.blas().prepare();
                launchAfterClose(all, () -> all.gpu.blas().multiply(1, 1, 1, buffer, all.floats,
                        all.floats.view(1, 1)), buffer);
            }, STATE, "a graph was launched after a buffer of 1 elements of float32 was closed, which it uses; close "
                    + "that after the graph"),
            new Wrong("a graph that was updated to a buffer that is closed", all -> {
                CudaBuffer buffer = all.gpu.ints(1);
                try (CudaGraph graph = all.gpu.record(() -> all.ints.fill(1))) {
                    graph.update(() -> buffer.fill(1));
                    buffer.close();
                    graph.launch();
                }
            }, STATE, CLOSED),
            new Wrong("work beside a recording", all -> all.gpu.record(
                    () -> all.gpu.on(all.stream, () -> all.add.launch(ONE, all.ints, 1, 1))), STATE, BESIDE),
            new Wrong("a product beside a recording", all -> {
                all.gpu.on(all.stream, all.gpu.blas()::prepare);
                all.gpu.record(() -> all.gpu.on(all.stream,
                        () -> all.gpu.blas().multiply(1, 1, 1, all.floats, all.floats, all.floats.view(1, 1))));
            }, STATE, BESIDE),
            new Wrong("an event beside a recording", all -> all.gpu.record(
                    () -> all.gpu.on(all.stream, all.event::record)), STATE, BESIDE),
            new Wrong("work that waits for what was before the recording", all -> {
                all.event.record();
                all.gpu.record(() -> all.gpu.on(all.stream, () -> {
                    all.stream.waitFor(all.event);
                    all.ints.fill(1);
                }));
            }, STATE, BESIDE),
            new Wrong("a copy to the host in a recording", all -> all.gpu.record(all.ints::toInts), STATE,
                    "a copy that is waited for cannot be recorded; make it before or after, or copy from and to pinned "
                            + "memory by writeAsync and readAsync"),
            new Wrong("a wait in a recording", all -> all.gpu.record(all.gpu::synchronize), CudaException.class,
                    "cuStreamSynchronize failed with status 900 (CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED); this call "
                            + "cannot be recorded; make it before"),
            new Wrong("no GPU of that number", _ -> Cuda.open(CudaOptions.SIMULATED.with(7)), CharlstmException.class,
                    "there is no GPU 7; the driver sees one, number 0"),
            new Wrong("a negative number", _ -> CudaOptions.SIMULATED.with(-1), ARGUMENT,
                    "the GPU's number is -1; it must be 0 or more"),
            new Wrong("a rank that there is not", all -> all.gpu.join(new byte[128], 2, 2), ARGUMENT,
                    "rank 2 of 2; it must be from 0 to the size - 1"),
            new Wrong("no id", all -> all.gpu.join(new byte[3], 1, 0), ARGUMENT,
                    "an id of 3 bytes; newId() gives 128"));

    private static final List<Wrong> LIBRARIES = List.of(
            new Wrong("a leading dimension below a row", _ -> Gemm.of(2, 3, 4).withLeading(3, 3, 3), ARGUMENT,
                    "lda is 3, and a row has 4 elements"),
            new Wrong("more elements than can be counted", _ -> Gemm.of(1, 1, 1).withBatches(5, 1L << 62, 0, 1),
                    ARGUMENT,
                    "a stride of 4611686018427387904 for 5 products, whose elements cannot be counted"),
            new Wrong("strides that come round to a row",
                    _ -> Gemm.of(1, 1, 4).withLeading(4, 1, 4).withBatches(5, 1, 1,
                            1L << 62),
                    ARGUMENT,
                    "a stride of 4611686018427387904 for 5 products, whose elements cannot be counted"),
            new Wrong("results in each other", _ -> Gemm.of(2, 2, 2).withBatches(2, 4, 4, 3), ARGUMENT,
                    "strides of 4, 4 and 3 for 2 products; none may be below 0, and no C may lie in another"),
            new Wrong("a matrix that is too small",
                    all -> all.gpu.blas().multiply(2, 2, 3, all.floats, all.floats, all.floats), ARGUMENT,
                    "matrix a of the product takes 6 elements of float32, and a buffer of 4 of float32 was given"),
            new Wrong("a matrix of another type",
                    all -> all.gpu.blas().multiply(1, 1, 1, all.floats, all.ints, all.floats), ARGUMENT,
                    "matrix b of the product takes 1 elements of float32, and a buffer of 3 of int was given"),
            new Wrong("c for a GRU", all -> all.gru.forward(all.space, all.weights, all.floats, all.floats,
                    new State(all.floats.view(0, 2), all.floats.view(2, 2)), State.NONE), ARGUMENT,
                    "the first state has a c, and a GRU has none"),
            new Wrong("weights of another size", all -> all.gru.forward(all.space, all.floats, all.floats, all.floats,
                    State.NONE, State.NONE), ARGUMENT,
                    "the weights must have 36 elements of float32, and a buffer of 4 of float32 was given"),
            new Wrong("x of another type", all -> all.gru.forward(all.space, all.weights, all.ints, all.floats,
                    State.NONE, State.NONE), ARGUMENT,
                    "x must have 4 elements of float32, and a buffer of 3 of int was given"),
            new Wrong("a space of another network", all -> all.lstm.forward(all.space, all.weights, all.floats,
                    all.floats, State.NONE, State.NONE), ARGUMENT,
                    "the space is of another network, and smaller than this one needs; take one by newSpace() of this "
                            + "network"),
            new Wrong("a closed space", all -> {
                all.space.close();
                all.gru.forward(all.space, all.weights, all.floats, all.floats, State.NONE, State.NONE);
            }, STATE, "a space of a recurrent network was used after it was closed"),
            new Wrong("a graph of a closed network", all -> {
                CudnnRnn network = all.gpu.rnn(RnnDescription.gru(2, 2), Shape.of(2, 1, false));
                CudaBuffer y = all.gpu.floats(0, 0, 0, 0);
                launchAfterClose(all, () -> network.forward(all.space, all.weights, all.floats, y, State.NONE,
                        State.NONE), network);
            }, STATE, "a graph was launched after a recurrent network was closed, which it uses; close that after the "
                    + "graph"),
            new Wrong("a graph of a closed space", all -> {
                CudnnRnn.Space space = all.gru.newSpace();
                CudaBuffer y = all.gpu.floats(0, 0, 0, 0);
                launchAfterClose(all, () -> all.gru.forward(space, all.weights, all.floats, y, State.NONE, State.NONE),
                        space);
            }, STATE, "a graph was launched after a space of a recurrent network was closed, which it uses; close that "
                    + "after the graph"),
            new Wrong("backward after inference", all -> all.gru.backwardWeights(all.space, all.floats, State.NONE,
                    all.floats, all.weights), STATE,
                    "this network is not for training; give Shape.of(steps, batch, true)"),
            new Wrong("sequences without steps", _ -> new Shape(3, List.of(3, 0), true, 0), ARGUMENT,
                    "sequences of [3, 0] steps in 3; there must be one at least, each of 1 to 3"),
            new Wrong("a projection of a GRU", _ -> RnnDescription.gru(2, 4).withProjection(2), ARGUMENT,
                    "GRU of 4 units with a projection to 2; only an LSTM has one, to less than its units"),
            new Wrong("a gate that there is not", all -> all.gru.weights().weight(0, "W_f"), ARGUMENT,
                    "no weight W_f in layer 0; there are [W_r, W_z, W_n, R_r, R_z, R_n] in layers 0 to 0"));

    static Stream<Arguments> mistakes() {
        return Gpus.BINDINGS.stream().flatMap(binding -> Stream.of(Named.of("launches", LAUNCHES),
                Named.of("buffers", BUFFERS), Named.of("order", ORDER), Named.of("libraries", LIBRARIES))
                .map(mistakes -> Arguments.of(binding, mistakes)));
    }

    /** And whatever was done wrong, the GPU works after it. */
    @ParameterizedTest
    @MethodSource("mistakes")
    void everyMistakeIsToldInALine(String binding, List<Wrong> mistakes) {
        for (Wrong wrong : mistakes) {
            try (Things all = new Things(binding)) {
                Exception thrown = assertThrows(wrong.type, () -> wrong.code.accept(all), wrong.name);
                assertEquals(wrong.line, thrown.getMessage(), wrong.name);
                all.add.launch(Grid.of(1, 3), all.ints, 1, 3);
                assertEquals(2, all.ints.view(0, 1).toInts()[0], wrong.name);
            }
        }
    }
}
