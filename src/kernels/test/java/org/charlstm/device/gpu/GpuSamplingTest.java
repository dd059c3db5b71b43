package org.charlstm.device.gpu;

import static org.charlstm.selftest.TrialMemory.random;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.Agreement;
import org.charlstm.circle.Sampled;
import org.charlstm.cuda.CudaType;
import org.charlstm.cuda.SimulatedGpu;
import org.charlstm.cuda.SimulatedGpu.Traffic;
import org.charlstm.device.Activation;
import org.charlstm.device.Dense;
import org.charlstm.device.Device;
import org.charlstm.device.Draw;
import org.charlstm.device.Ints;
import org.charlstm.device.Matrix;
import org.charlstm.device.Memory;
import org.charlstm.device.Operations;
import org.charlstm.device.RecurrentActivation;
import org.charlstm.device.RecurrentCell;
import org.charlstm.device.Rnn;
import org.charlstm.device.Rnn.Input;
import org.charlstm.device.Rnn.InputShape;
import org.charlstm.device.WeightLayout;
import org.charlstm.device.gpu.rnn.RnnLayout;
import org.charlstm.device.gpu.tools.DenseLayout;
import org.charlstm.device.gpu.tools.GpuMatrix;
import org.charlstm.device.gpu.tools.GpuMemory;
import org.charlstm.device.gpu.tools.Kernel;
import org.charlstm.device.spi.ComposedOperations;
import org.charlstm.device.spi.Sampling;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.charlstm.selftest.TrialMemory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Symbols of whole sentences in one launch, held to the oracle's operations one by one, state and all. */
@EveryOrder
@Needs(Need.SIMULATED_GPU)
class GpuSamplingTest {
    private static final double TOLERANCE = 2e-5;
    /** Shared memory that compute capabilities 9.0, 12.0 and 7.5 give a block. */
    private static final int HOPPER = 227 << 10;
    private static final int BLACKWELL = 99 << 10;
    private static final int TURING = 64 << 10;
    private static final DenseLayer LAB = relu(128);
    private static final RecurrentCell AFTER = RecurrentCell.Gru.RESET_AFTER;
    private static final RecurrentCell BEFORE = new RecurrentCell.Gru(RecurrentActivation.SIGMOID, false);
    private static final RecurrentCell TANH = new RecurrentCell.Elman(Activation.TANH);
    private static final RecurrentCell RELU = new RecurrentCell.Elman(Activation.RELU);

    private Gpu gpu;
    private GpuMemory memory;

    @BeforeEach
    void open() {
        gpu = Gpu.open();
        memory = new GpuMemory(gpu.context(), CudaType.FLOAT32);
    }

    @AfterEach
    void close() {
        memory.close();
        gpu.close();
    }

    sealed interface Layer {
    }

    private record RecurrentLayer(int units, RecurrentCell cell) implements Layer {
        RecurrentLayer(int units) {
            this(units, RecurrentCell.Lstm.SIGMOID);
        }
    }

    private record DenseLayer(int units, Activation activation) implements Layer {
    }

    private interface RnnLayouts {
        WeightLayout of(Rnn.Layers layers);
    }

    private interface DenseLayouts {
        WeightLayout of(int inputs, int outputs);
    }

    private static DenseLayer relu(int units) {
        return new DenseLayer(units, Activation.RELU);
    }

    /** Layers with random weights and states, and random logits that come first. */
    private static final class Placed {
        final List<Sampling.Layer> layers = new ArrayList<>();
        final int batch;
        final Memory memory;
        final Matrix logits;
        final Matrix weights;
        private double[] flat = {};
        private int seed;

        Placed(Memory memory, RnnLayouts rnns, DenseLayouts dense, int symbols, int batch, List<Layer> all) {
            this.memory = memory;
            this.batch = batch;
            int inputs = symbols;
            List<Layer> rest = new ArrayList<>(all);
            rest.add(new DenseLayer(symbols, Activation.LINEAR));
            while (!rest.isEmpty()) {
                Layer layer = rest.removeFirst();
                int offset = flat.length;
                switch (layer) {
                    case RecurrentLayer(int units, RecurrentCell cell) -> {
                        int count = 1;
                        for (; rest.getFirst().equals(layer); rest.removeFirst()) {
                            count++;
                        }
                        Rnn.Layers shape = new Rnn.Layers(layers.isEmpty() ? InputShape.ofIds(inputs)
                                : InputShape.ofMatrix(inputs), units, count, cell);
                        List<double[]> tensors = new ArrayList<>();
                        for (int l = 0; l < count; l++) {
                            // A ReLU's sums must not grow from symbol to symbol.
                            double scale = (cell.equals(RELU) ? 0.6 : 1.5) / Math.sqrt(units);
                            tensors.add(next(shape.inputs(l) * shape.width(), l == 0 ? 1 : scale));
                            tensors.add(next(units * shape.width(), scale));
                            tensors.add(next(cell.biasRows() * shape.width(), 0.5));
                        }
                        pack(rnns.of(shape), tensors);
                        layers.add(new Sampling.Layer.Recurrent(new Rnn.Shape(shape, 1, batch, false), offset,
                                new Rnn.State(matrix(count * batch, units),
                                        cell.hasCell() ? matrix(count * batch, units) : null)));
                        inputs = units;
                    }
                    case DenseLayer(int units, Activation activation) -> {
                        pack(dense.of(inputs, units),
                                List.of(next(inputs * units, 4 / Math.sqrt(inputs)), next(units, 0.5)));
                        layers.add(new Sampling.Layer.Dense(new Dense.Shape(inputs, units, batch, activation), offset));
                        inputs = units;
                    }
                }
            }
            logits = matrix(batch, symbols);
            weights = memory.flat(flat.length);
            weights.write(flat);
        }

        private double[] next(int size, double scale) {
            return random(++seed, size, scale);
        }

        private Matrix matrix(int rows, int columns) {
            Matrix matrix = memory.matrix(rows, columns);
            matrix.write(next(rows * columns, 0.9));
            return matrix;
        }

        private void pack(WeightLayout layout, List<double[]> tensors) {
            int offset = flat.length;
            flat = Arrays.copyOf(flat, offset + layout.size());
            layout.pack(tensors.toArray(double[][]::new), flat, offset);
        }

        static Placed onGpu(GpuMemory memory, int symbols, int batch, List<Layer> layers) {
            return new Placed(memory, RnnLayout::of, DenseLayout::new, symbols, batch, layers);
        }

        Optional<Sampling> sampling(Gpu gpu, int sharedBytes) {
            return GpuSampling.of(gpu.kernels(), GpuMemory.of(memory), layers, GpuMatrix.of(weights),
                    GpuMatrix.of(logits), sharedBytes);
        }

        /** h of every layer, and c of those that have it. */
        double[] states() {
            return layers.stream().filter(Sampling.Layer.Recurrent.class::isInstance)
                    .map(layer -> ((Sampling.Layer.Recurrent) layer).state())
                    .flatMapToDouble(state -> Stream.of(state.hidden(), state.cell()).filter(Objects::nonNull)
                            .flatMapToDouble(matrix -> Arrays.stream(matrix.read())))
                    .toArray();
        }
    }

    /** The operations one by one. */
    private static Sampling oneByOne(Operations operations, Placed placed) {
        List<Runnable> feed = new ArrayList<>();
        Ints inputs = placed.memory.ints(placed.batch);
        Input input = new Input.Ids(inputs);
        for (Sampling.Layer layer : placed.layers) {
            boolean last = layer.equals(placed.layers.getLast());
            Input from = input;
            Matrix output;
            switch (layer) {
                case Sampling.Layer.Recurrent(Rnn.Shape shape, int offset, Rnn.State state) -> {
                    Rnn rnn = operations.rnn(placed.memory, shape, offset);
                    output = placed.memory.matrix(placed.batch, shape.hidden());
                    feed.add(() -> rnn.forward(placed.weights, from, state, output));
                }
                case Sampling.Layer.Dense(Dense.Shape shape, int offset) -> {
                    Dense dense = operations.dense(placed.memory, shape, offset);
                    output = last ? placed.logits : placed.memory.matrix(placed.batch, shape.outputs());
                    Matrix x = ((Input.Dense) from).matrix();
                    feed.add(() -> dense.forward(placed.weights, x, output));
                }
            }
            input = new Input.Dense(output);
        }
        Ints slot = placed.memory.ints(1);
        return (draw, seed, sentences, position, drawn, history, steps) -> {
            slot.write(new int[1]);
            for (int i = 0; i < steps; i++) {
                operations.draw(placed.logits, draw, seed, sentences, position, drawn);
                operations.append(drawn, slot, history);
                operations.add(slot, 1);
                operations.add(position, 1);
                inputs.write(drawn.read());
                feed.forEach(Runnable::run);
            }
        };
    }

    /** All that is left after several draws of different length. */
    private record Left(int[] history, int[] drawn, int position, double[] logits, double[] states) {
        static Left of(Placed placed, Sampling sampling, Draw draw, int... steps) {
            Memory memory = placed.memory;
            Ints sentences = memory.ints(placed.batch);
            sentences.write(IntStream.range(70, 70 + placed.batch).toArray());
            Ints position = memory.ints(1);
            position.write(new int[] {3});
            Ints drawn = memory.ints(placed.batch);
            Ints history = memory.ints(64 * placed.batch);
            int[] all = {};
            for (int count : steps) {
                sampling.draw(draw, 11, sentences, position, drawn, history, count);
                int at = all.length;
                all = Arrays.copyOf(all, at + count * placed.batch);
                System.arraycopy(history.read(), 0, all, at, count * placed.batch);
            }
            return new Left(all, drawn.read(), position.read()[0], placed.logits.read(), placed.states());
        }

        static Left ofOracle(int symbols, int batch, List<Layer> layers, Draw draw, int... steps) {
            try (TrialMemory oracle = TrialMemory.oracle()) {
                Operations operations = oracle.operations();
                Placed placed = new Placed(oracle.memory(), operations::rnnLayout, operations::denseLayout, symbols,
                        batch, layers);
                return of(placed, oneByOne(operations, placed), draw, steps);
            }
        }
    }

    static Stream<Arguments> cases() {
        RecurrentLayer hard = new RecurrentLayer(9, new RecurrentCell.Lstm(RecurrentActivation.HARD_SIGMOID));
        return Stream.of(
                Arguments.of(3, 4, HOPPER, List.of(new RecurrentLayer(5), relu(7))),
                Arguments.of(38, 2, HOPPER, List.of(new RecurrentLayer(128), LAB)),
                Arguments.of(38, 1, BLACKWELL, List.of(new RecurrentLayer(128), LAB)),
                Arguments.of(38, 1, TURING, List.of(new RecurrentLayer(128), LAB)),
                Arguments.of(300, 2, HOPPER, List.of(new RecurrentLayer(33), new DenseLayer(30, Activation.TANH))),
                Arguments.of(11, 3, HOPPER, List.of(hard, hard, hard)),
                Arguments.of(1, 1, HOPPER, List.of(new RecurrentLayer(1))),
                Arguments.of(4, 2, HOPPER, List.of(new RecurrentLayer(7), relu(300), new RecurrentLayer(10))),
                Arguments.of(7, 2, 40 << 10, List.of(new RecurrentLayer(97), new RecurrentLayer(97))),
                // Wider than a block has threads, and layers of other sizes above.
                Arguments.of(9, 2, 30 << 10,
                        List.of(new RecurrentLayer(130), relu(3), new RecurrentLayer(6), new RecurrentLayer(6),
                                new DenseLayer(515, Activation.LINEAR))),
                // Cells upon one another, dense layers between them.
                Arguments.of(6, 3, HOPPER,
                        List.of(new RecurrentLayer(5, BEFORE), new RecurrentLayer(7, AFTER), relu(9),
                                new RecurrentLayer(3, TANH), new RecurrentLayer(4), new RecurrentLayer(6, RELU),
                                new RecurrentLayer(6, BEFORE))),
                Arguments.of(5, 2, HOPPER, List.of(new RecurrentLayer(8, TANH), new RecurrentLayer(8, AFTER), relu(2))),
                Arguments.of(38, 1, HOPPER, List.of(new RecurrentLayer(103, RELU), new RecurrentLayer(128, BEFORE))));
    }

    /** Each form of each cell alone: small, a stack, the lab's size with and without room for weights, and wider. */
    static Stream<Arguments> cells() {
        return RecurrentCell.forms().stream().filter(cell -> !cell.hasCell()).flatMap(cell -> Stream.of(
                Arguments.of(1, 1, HOPPER, List.of(new RecurrentLayer(1, cell))),
                Arguments.of(3, 4, HOPPER, List.of(new RecurrentLayer(5, cell), relu(7))),
                Arguments.of(11, 3, HOPPER, Collections.nCopies(3, new RecurrentLayer(9, cell))),
                Arguments.of(38, 1, HOPPER, List.of(new RecurrentLayer(128, cell), LAB)),
                Arguments.of(38, 1, 24 << 10, List.of(new RecurrentLayer(128, cell), LAB)),
                Arguments.of(7, 2, 24 << 10, List.of(new RecurrentLayer(37, cell), new RecurrentLayer(103, cell))),
                Arguments.of(9, 1, 32 << 10, List.of(new RecurrentLayer(260, cell)))));
    }

    /** Every way to draw where the layers are small; how they are computed does not depend on it. */
    private static List<Draw> draws(List<Layer> layers) {
        boolean small = layers.stream().allMatch(layer -> switch (layer) {
            case RecurrentLayer lstm -> lstm.units() < 50;
            case DenseLayer dense -> dense.units() < 50;
            default -> throw new AssertionError(layer);
        });
        return small ? List.of(Draw.at(0), Draw.at(0.5), Draw.at(1), new Draw(2, 4, 1), new Draw(1, Draw.ALL, 0.6),
                new Draw(2, 7, 0.8)) : List.of(Draw.at(0), new Draw(2, 7, 0.8));
    }

    @ParameterizedTest
    @MethodSource({"cases", "cells"})
    @Sampled(every = 6)
    void leavesWhatTheOperationsLeaveOneByOne(int symbols, int batch, int sharedBytes, List<Layer> layers) {
        for (Draw draw : draws(layers)) {
            Left expected = Left.ofOracle(symbols, batch, layers, draw, 2, 1, 2);
            Placed placed = Placed.onGpu(memory, symbols, batch, layers);
            Left left = Left.of(placed, placed.sampling(gpu, sharedBytes).orElseThrow(), draw, 2, 1, 2);
            assertArrayEquals(expected.history, left.history);
            assertArrayEquals(expected.drawn, left.drawn);
            assertEquals(3 + 5, left.position);
            Agreement.require("logits", expected.logits, left.logits, TOLERANCE);
            Agreement.require("states", expected.states, left.states, TOLERANCE);
        }
    }

    /** Of one sentence alone; what is drawn from it is no symbol, which feeds zeros, as no host has it. */
    @ParameterizedTest
    @ValueSource(doubles = {0, 0.7})
    void whatIsNoNumberDrawsNoSymbol(double temperature) {
        List<Left> both = new ArrayList<>();
        for (boolean together : new boolean[] {false, true}) {
            try (Device device = Gpu.device("fused"); Memory scope = device.memory()) {
                Operations operations = device.operations();
                Placed placed = new Placed(scope, operations::rnnLayout, operations::denseLayout, 40, 3,
                        List.of(new RecurrentLayer(5), relu(7)));
                double[] logits = placed.logits.read();
                logits[40 + 37] = Double.NaN;
                placed.logits.write(logits);
                both.add(Left.of(placed, together
                        ? ComposedOperations.of(operations).orElseThrow()
                                .sampling(scope, placed.layers, placed.weights, placed.logits).orElseThrow()
                        : oneByOne(operations, placed), new Draw(temperature, 3, 0.9), 4));
            }
        }
        assertEquals(-1, both.getFirst().history[1]);
        assertTrue(both.getFirst().history[0] >= 0 && both.getFirst().history[4] >= 0, "all are -1");
        assertArrayEquals(both.get(0).history, both.get(1).history);
        Agreement.require("states", both.get(0).states, both.get(1).states, TOLERANCE);
    }

    /** The lowest id of equals. */
    @Test
    void ofEqualsTheFirstIsTaken() {
        Placed placed = Placed.onGpu(memory, 70, 1, List.of(new RecurrentLayer(3)));
        double[] logits = new double[70];
        logits[66] = 1;
        logits[35] = 1;
        placed.logits.write(logits);
        assertEquals(35, Left.of(placed, placed.sampling(gpu, HOPPER).orElseThrow(), Draw.at(0), 1).history[0]);
    }

    /** More rows at hand change nothing, to the bit: sums keep their order. */
    @ParameterizedTest
    @MethodSource("all")
    void everyCardGivesTheSameBits(RecurrentCell cell) {
        List<double[]> logits = new ArrayList<>();
        for (int sharedBytes : new int[] {HOPPER, BLACKWELL, TURING, 16 << 10}) {
            Placed placed = Placed.onGpu(memory, 38, 1, List.of(new RecurrentLayer(128, cell), LAB));
            logits.add(Left.of(placed, placed.sampling(gpu, sharedBytes).orElseThrow(), Draw.at(1), 2).logits);
        }
        logits.forEach(one -> assertArrayEquals(logits.getFirst(), one));
    }

    static Stream<RecurrentCell> all() {
        return Stream.of(RecurrentCell.Lstm.SIGMOID, AFTER, BEFORE, TANH, RELU);
    }

    /** To its header, where all weights can be kept. */
    @ParameterizedTest
    @MethodSource("all")
    void itMovesWhatItsHeaderSays(RecurrentCell cell) {
        Placed placed = Placed.onGpu(memory, 38, 2, List.of(new RecurrentLayer(128, cell), LAB));
        Sampling sampling = placed.sampling(gpu, HOPPER).orElseThrow();
        Traffic before = SimulatedGpu.traffic(Kernel.SAMPLE.entry());
        Left.of(placed, sampling, Draw.at(1), 3);
        int columns = cell.width(128);
        int weights = 128 * (columns + 128 + 38);
        int states = (cell.hasCell() ? 2 : 1) * 128;
        int entries = cell.equals(BEFORE) ? 4 : 3;
        assertEquals(new Traffic(1,
                2 * (4 * weights + 4 * states + 4 * 38 + 8 + 112 * entries)
                        + 2 * 3 * 4 * (cell.biasRows() * columns + 128 + 38 + columns),
                2 * (4 * states + 4 * 38 + 4) + 2 * 3 * 4),
                SimulatedGpu.traffic(Kernel.SAMPLE.entry()).since(before));
    }

    /** Nothing beyond a matrix's last row, which does not fill a quad. */
    @Test
    void whatIsNotKeptIsReadOnceASymbol() {
        long[] read = new long[2];
        for (int i = 0; i < 2; i++) {
            Placed placed = Placed.onGpu(memory, 5, 1, List.of(new RecurrentLayer(103, AFTER)));
            Sampling sampling = placed.sampling(gpu, 24 << 10).orElseThrow();
            Traffic before = SimulatedGpu.traffic(Kernel.SAMPLE.entry());
            Left.of(placed, sampling, Draw.at(0), 1 + 2 * i);
            read[i] = SimulatedGpu.traffic(Kernel.SAMPLE.entry()).since(before).read();
        }
        long columns = AFTER.width(103);
        long symbol = (read[1] - read[0]) / 2;
        long notKept = symbol - 4 * (2 * columns + 5 + columns);
        long kept = read[0] - symbol - (4 * 103 + 4 * 5 + 8 + 112 * 2);
        assertTrue(kept > 0 && notKept > 0);
        assertEquals(4L * 103 * (columns + 5), kept + notKept);
    }

    /** Vectors that no block has room for, weights that are too many to be read for each symbol, many sentences. */
    @Test
    void oneLaunchIsNotOfferedWhereLaunchesPerSymbolAreFaster() {
        List<Layer> small = List.of(new RecurrentLayer(3));
        assertTrue(Placed.onGpu(memory, 3, 512, small).sampling(gpu, HOPPER).isPresent());
        assertTrue(Placed.onGpu(memory, 3, 513, small).sampling(gpu, HOPPER).isEmpty());
        assertTrue(Placed.onGpu(memory, 14_300, 1, small).sampling(gpu, HOPPER).isPresent());
        assertTrue(Placed.onGpu(memory, 15_000, 1, small).sampling(gpu, HOPPER).isEmpty());
        List<Layer> three = List.of(new RecurrentLayer(128), new RecurrentLayer(128), new RecurrentLayer(128), LAB);
        assertTrue(Placed.onGpu(memory, 38, 1, three).sampling(gpu, HOPPER).isPresent());
        assertTrue(Placed.onGpu(memory, 38, 1, List.of(new RecurrentLayer(512))).sampling(gpu, HOPPER).isEmpty());
    }

    @Test
    void aHistoryThatIsTooShortIsRefused() {
        Placed placed = Placed.onGpu(memory, 3, 2, List.of(new RecurrentLayer(3)));
        Sampling sampling = placed.sampling(gpu, HOPPER).orElseThrow();
        Ints two = memory.ints(2);
        Ints history = memory.ints(7);
        assertThrows(IllegalArgumentException.class,
                () -> sampling.draw(Draw.at(1), 1, two, memory.ints(1), two, history, 4));
    }
}
