package org.charlstm.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.charlstm.Agreement;
import org.charlstm.CharlstmException;
import org.charlstm.Refusals;
import org.charlstm.cuda.CudnnRnn.Shape;
import org.charlstm.cuda.CudnnRnn.State;
import org.charlstm.cuda.SimulatedGpu;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Recurrent networks by cuDNN, forward and backward, against the same in double. */
@Needs(Need.SIMULATED_GPU)
class RnnTest {
    private static final int STEPS = 3;
    private static final int BATCH = 2;
    private static final int INPUTS = 3;
    private static final int UNITS = 4;
    private static final double EXACT = 1e-5;
    /** A step rounds to 8 bits, and a gradient is of many of them. */
    private static final double BF16 = 0.04;

    private final SplittableRandom random = new SplittableRandom(7);

    static List<String> bindings() {
        return Gpus.BINDINGS;
    }

    /** Each binding with each cell and number of layers. */
    static Stream<Arguments> networks() {
        return Gpus.BINDINGS.stream().flatMap(binding -> Stream.of(RnnCell.values())
                .flatMap(cell -> Stream.of(1, 3).map(layers -> Arguments.of(binding, cell, layers))));
    }

    private static Cuda open(String binding) {
        return Gpus.open(binding);
    }

    /** Numbers that the type holds as they are. */
    private double[] numbers(CudaType type, long count) {
        return random.doubles(count, -1, 1).map(value -> type == CudaType.FLOAT32 ? (float) value
                : type.value(type.bits((float) value))).toArray();
    }

    private static double[] read(CudaBuffer buffer) {
        float[] floats = buffer.toFloats();
        double[] values = new double[floats.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = floats[i];
        }
        return values;
    }

    /** A network, its data on the GPU, and the same in double. */
    private final class Case implements AutoCloseable {
        private final Cuda gpu;
        private final Resources made = new Resources();
        private final RnnDescription description;
        private final CudaType type;
        private final CudnnRnn rnn;
        private final CudnnRnn.Space space;
        private final RnnInDouble oracle;
        private final RnnInDouble.Input input;
        private final int outputs;
        private final int states;

        Case(Cuda gpu, RnnDescription description, boolean training) {
            this.gpu = gpu;
            this.description = description;
            type = description.type();
            rnn = gpu.rnn(description, Shape.of(STEPS, BATCH, training));
            made.add(rnn::close);
            space = rnn.newSpace();
            made.add(space::close);
            RnnWeights weights = rnn.weights();
            oracle = RnnInDouble.of(description, weights, STEPS, BATCH);
            outputs = STEPS * BATCH * UNITS;
            states = description.layers() * BATCH * UNITS;
            input = new RnnInDouble.Input(named(weights), numbers(type, (long) STEPS * BATCH * INPUTS),
                    numbers(type, states), numbers(type, description.cell().hasCell() ? states : 0));
        }

        /** Weights put in by their names: what a caller with weights of another program does. */
        private double[] named(RnnWeights weights) {
            double[] all = new double[(int) weights.count()];
            for (int layer = 0; layer < description.layers(); layer++) {
                for (int gate = 0; gate < description.cell().gates(); gate++) {
                    for (String kind : List.of("W_", "R_")) {
                        RnnWeights.Weight weight = weights.weight(layer, kind + description.cell().gate(gate));
                        int size = weight.rows() * weight.columns();
                        double[] matrix = numbers(type, size);
                        System.arraycopy(matrix, 0, all, (int) weight.matrix(), size);
                        System.arraycopy(numbers(type, UNITS), 0, all, (int) weight.bias(), UNITS);
                    }
                }
            }
            return all;
        }

        private CudaBuffer buffer(double... values) {
            float[] floats = new float[values.length];
            for (int i = 0; i < floats.length; i++) {
                floats[i] = (float) values[i];
            }
            CudaBuffer buffer = gpu.uninitialised(type, values.length, "data");
            made.add(buffer::close);
            buffer.write(floats);
            return buffer;
        }

        private State state(double[] h, double[] c) {
            return new State(buffer(h), c.length == 0 ? null : buffer(c));
        }

        private State zeros() {
            return state(new double[states], new double[input.c().length]);
        }

        private void agree(String what, double[] expected, CudaBuffer actual, double tolerance) {
            Agreement.require(description + ": " + what, expected, read(actual), tolerance);
        }

        private void agree(String what, double[] h, double[] c, State actual, double tolerance) {
            agree("h of " + what, h, actual.h(), tolerance);
            if (c.length > 0) {
                agree("c of " + what, c, actual.c(), tolerance);
            }
        }

        void forward(double tolerance) {
            CudaBuffer weights = buffer(input.weights());
            CudaBuffer x = buffer(input.x());
            CudaBuffer y = buffer(new double[outputs]);
            State last = zeros();
            RnnInDouble.Output expected = oracle.forward(input);
            rnn.forward(space, weights, x, y, state(input.h(), input.c()), last);
            agree("y", expected.y(), y, tolerance);
            agree("the last state", expected.h(), expected.c(), last, tolerance);
            RnnInDouble.Output fromZeros = oracle.forward(new RnnInDouble.Input(input.weights(), input.x(),
                    new double[states], new double[input.c().length]));
            rnn.forward(space, weights, x, y, State.NONE, State.NONE);
            agree("y from zeros", fromZeros.y(), y, tolerance);
        }

        void backward(double tolerance) {
            CudaBuffer weights = buffer(input.weights());
            CudaBuffer x = buffer(input.x());
            CudaBuffer y = buffer(new double[outputs]);
            State first = state(input.h(), input.c());
            State last = zeros();
            RnnInDouble.Output of = new RnnInDouble.Output(numbers(type, outputs), numbers(type, states),
                    numbers(type, input.c().length));
            rnn.forward(space, weights, x, y, first, last);
            CudaBuffer dx = buffer(new double[input.x().length]);
            State dFirst = zeros();
            rnn.backwardData(space, weights, y, buffer(of.y()), dx, first, state(of.h(), of.c()), dFirst);
            CudaBuffer dWeights = buffer(new double[input.weights().length]);
            rnn.backwardWeights(space, x, first, y, dWeights);
            agree("dx", oracle.gradients(input, input.x(), of), dx, tolerance);
            agree("the first state's gradient", oracle.gradients(input, input.h(), of),
                    oracle.gradients(input, input.c(), of), dFirst, tolerance);
            agree("the gradients of weights", oracle.gradients(input, input.weights(), of), dWeights, tolerance);
        }

        @Override
        public void close() {
            made.close();
        }
    }

    private static RnnDescription of(RnnCell cell, int layers) {
        return RnnDescription.of(cell, INPUTS, UNITS).withLayers(layers);
    }

    @ParameterizedTest
    @MethodSource("networks")
    void outputsAndStatesAreThoseOfTheFormulas(String binding, RnnCell cell, int layers) {
        try (Cuda gpu = open(binding)) {
            try (Case exact = new Case(gpu, of(cell, layers), true)) {
                exact.forward(EXACT);
            }
            try (Case inference = new Case(gpu, of(cell, layers), false)) {
                inference.forward(EXACT);
                assertTrue(inference.space.workBytes() > 0);
            }
            try (Case coarse = new Case(gpu, of(cell, layers).with(Precision.BF16), true)) {
                coarse.forward(BF16);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("networks")
    void gradientsAreThoseOfDifferences(String binding, RnnCell cell, int layers) {
        try (Cuda gpu = open(binding)) {
            try (Case exact = new Case(gpu, of(cell, layers), true)) {
                exact.backward(EXACT);
            }
            try (Case coarse = new Case(gpu, of(cell, layers).with(Precision.BF16), true)) {
                coarse.backward(BF16);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"STANDARD", "PERSIST_STATIC", "PERSIST_STATIC_SMALL_H"})
    void everyAlgorithmGivesTheSame(RnnAlgorithm algorithm) {
        try (Cuda gpu = open("panama");
                Case other = new Case(gpu, of(RnnCell.GRU, 2).with(algorithm), true)) {
            other.forward(EXACT);
            other.backward(EXACT);
        }
    }

    private static int within(long place, long count) {
        return place >= 0 && place < count ? 1 : 0;
    }

    /** No two share a place, and there are no gaps. */
    @ParameterizedTest
    @MethodSource("networks")
    void eachWeightHasItsOwnPlace(String binding, RnnCell cell, int layers) {
        try (Cuda gpu = open(binding)) {
            RnnDescription description = of(cell, layers).inBothDirections();
            RnnWeights weights = gpu.rnnWeights(description);
            int[] used = new int[(int) weights.count()];
            for (RnnWeights.Weight weight : weights.all()) {
                Arrays.setAll(used, i -> used[i]
                        + within(i - weight.matrix(), (long) weight.rows() * weight.columns())
                        + within(i - weight.bias(), weight.rows()));
            }
            assertTrue(Arrays.stream(used).allMatch(times -> times == 1), "a place has no weight, or two");
            assertEquals(2 * 2 * layers * cell.gates(), weights.all().size());
            assertEquals(layers == 1 ? INPUTS : 2 * UNITS, weights.weight(layers - 1, "W_" + cell.gate(0)).columns());
            assertEquals("no weight W_x in layer 0; there are "
                    + Stream.of("W_", "R_").flatMap(kind -> Stream.iterate(0, i -> i < cell.gates(), i -> i + 1)
                            .map(i -> kind + cell.gate(i))).toList()
                    + " in layers 0 to " + (layers - 1),
                    assertThrows(IllegalArgumentException.class, () -> weights.weight(0, "W_x")).getMessage());
        }
    }

    /** Combinations that real cuDNN has, and the simulated one has not, are named; nothing is left of the attempt. */
    @ParameterizedTest
    @MethodSource("bindings")
    void theSimulatedCudnnNamesThatWhichItHasNot(String binding) {
        record Lacking(String what, RnnDescription description, Shape shape) {
        }
        RnnDescription lstm = RnnDescription.lstm(INPUTS, UNITS);
        Shape shape = Shape.of(STEPS, BATCH, true);
        try (Cuda gpu = open(binding)) {
            gpu.rnn(lstm, shape).close();
            long live = SimulatedGpu.live();
            for (Lacking each : List.of(
                    new Lacking("bidirectional networks", lstm.inBothDirections(), shape),
                    new Lacking("projection: projSize must be hiddenSize", lstm.withProjection(2), shape),
                    new Lacking("dropout between layers: its rate must be 0", lstm.withLayers(2).withDropout(0.5),
                            shape),
                    new Lacking("sequences of different lengths, or shorter than maxSeqLength", lstm,
                            new Shape(STEPS, List.of(3, 2), true, 0)))) {
                String line = Refusals.assertRefused("the simulated cuDNN has no " + each.what,
                        () -> gpu.rnn(each.description, each.shape));
                assertTrue(line.startsWith("cudnnGetRNNTempSpaceSizes failed with status 3000 "
                        + "(CUDNN_STATUS_NOT_SUPPORTED: "), line);
                assertEquals(live, SimulatedGpu.live(), each.what);
            }
            assertTrue(gpu.rnnWeights(lstm.withProjection(2)).all().stream()
                    .anyMatch(weight -> weight.name().equals("P") && weight.rows() == 2 && weight.columns() == UNITS));
            assertEquals(live, SimulatedGpu.live());
            assertThrows(CharlstmException.class, () -> gpu.rnn(
                    RnnDescription.lstm(1, 2000).with(RnnAlgorithm.PERSIST_STATIC), shape));
        }
    }

    /** One space serves two networks, each after the other. */
    @ParameterizedTest
    @MethodSource("bindings")
    void aSpaceMayBeShared(String binding) {
        try (Cuda gpu = open(binding);
                CudnnRnn small = gpu.rnn(of(RnnCell.GRU, 1), Shape.of(1, 1, true));
                CudnnRnn large = gpu.rnn(of(RnnCell.LSTM, 3), Shape.of(STEPS, BATCH, true));
                CudnnRnn.Space shared = small.newSpace(large);
                CudnnRnn.Space own = large.newSpace()) {
            assertEquals(List.of(own.workBytes(), own.reserveBytes()),
                    List.of(shared.workBytes(), shared.reserveBytes()));
        }
    }
}
