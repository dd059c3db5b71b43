package org.charlstm.device.gpu.rnn;

import static org.charlstm.selftest.TrialMemory.random;
import static org.charlstm.selftest.TrialMemory.randomIds;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import module java.base;
import org.charlstm.Agreement;
import org.charlstm.circle.Sampled;
import org.charlstm.cuda.CudaType;
import org.charlstm.cuda.Precision;
import org.charlstm.cuda.SimulatedGpu;
import org.charlstm.device.Activation;
import org.charlstm.device.RecurrentCell;
import org.charlstm.device.Rnn;
import org.charlstm.device.Rnn.Input;
import org.charlstm.device.Rnn.InputShape;
import org.charlstm.device.gpu.Gpu;
import org.charlstm.device.gpu.tools.GpuInts;
import org.charlstm.device.gpu.tools.GpuMatrix;
import org.charlstm.device.gpu.tools.GpuMemory;
import org.charlstm.device.gpu.tools.GpuProducts;
import org.charlstm.device.gpu.tools.GpuTools;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The ways that depend on the units, the layers and the card agree with the plain kernels. */
@Tag("long")
@Needs(Need.SIMULATED_GPU)
class FusedWaysTest {
    private static final String CAPABILITY = "CHARLSTM_SIM_CAPABILITY";
    private static final String STREAMS = "CHARLSTM_SIM_STREAMS";
    private static final int SYMBOLS = 5;

    @AfterEach
    void restore() {
        SimulatedGpu.set(CAPABILITY, System.getenv(CAPABILITY));
        SimulatedGpu.set(STREAMS, System.getenv(STREAMS));
    }

    private static RecurrentCell cell(String name) {
        return switch (name) {
            case "lstm" -> RecurrentCell.Lstm.SIGMOID;
            case "gru" -> RecurrentCell.Gru.RESET_AFTER;
            default -> new RecurrentCell.Elman(Activation.TANH);
        };
    }

    private static Rnn.Shape shape(String cell, int units, int layers, int steps, int batch) {
        return shape(InputShape.ofIds(SYMBOLS), cell, units, layers, steps, batch);
    }

    private static Rnn.Shape shape(InputShape input, String cell, int units, int layers, int steps, int batch) {
        return new Rnn.Shape(new Rnn.Layers(input, units, layers, cell(cell)), steps, batch, true);
    }

    private static List<RnnEngine.Candidate> candidates(Gpu gpu, Precision precision, String title, Rnn.Shape shape) {
        return new FusedEngine(tools(gpu, precision), precision, title.startsWith("cluster")).candidates(shape);
    }

    private static RnnEngine.Candidate candidate(Gpu gpu, Precision precision, String title, Rnn.Shape shape) {
        List<RnnEngine.Candidate> all = candidates(gpu, precision, title, shape);
        return all.stream().filter(each -> each.title().equals(title)).findFirst().orElseThrow(
                () -> new AssertionError(
                        title + " is none of " + all.stream().map(RnnEngine.Candidate::title).toList()));
    }

    private static GpuTools tools(Gpu gpu, Precision precision) {
        return new GpuTools(gpu.context(), gpu.kernels(), new GpuProducts(gpu.context(), precision));
    }

    private static Rnn.State state(GpuMemory memory, Rnn.Shape shape, int seed) {
        int rows = shape.layers().count() * shape.batch();
        return new Rnn.State(matrix(memory, rows, shape.hidden(), seed),
                shape.layers().cell().hasCell() ? matrix(memory, rows, shape.hidden(), seed + 1) : null);
    }

    private static GpuMatrix matrix(GpuMemory memory, int rows, int columns, int seed) {
        GpuMatrix matrix = memory.matrix(rows, columns);
        matrix.write(random(seed, rows * columns, 0.9));
        return matrix;
    }

    /** The output, the gradients of the weights and of numbers, the last state, and the gradients of the first. */
    private static List<double[]> results(Gpu gpu, Precision precision, RnnEngine.Candidate candidate,
            Rnn.Shape shape, boolean stateful) {
        try (GpuMemory memory = new GpuMemory(gpu.context(), CudaType.ofActivations(precision))) {
            int count = RnnLayout.of(shape.layers()).size();
            GpuMatrix weights = memory.flat(count);
            weights.write(random(1, count, 2 / Math.sqrt(shape.hidden() + 16)));
            GpuInts ids = memory.ints(shape.rows());
            ids.write(randomIds(2, shape.rows(), SYMBOLS));
            GpuMatrix numbers = matrix(memory, shape.rows(), SYMBOLS, 2);
            Input input = shape.input().ids() ? new Input.Ids(ids) : new Input.Dense(numbers);
            GpuMatrix ofInput = memory.matrix(shape.rows(), SYMBOLS);
            Rnn.State state = state(memory, shape, 3);
            Rnn.State ofState = state(memory, shape, 5);
            GpuMatrix output = memory.matrix(shape.rows(), shape.hidden());
            GpuMatrix gradients = memory.flat(count);
            Rnn rnn = candidate.opener().apply(memory, 0);
            rnn.forward(weights, input, stateful ? state : null, output, part -> {});
            rnn.backward(weights, input, output, matrix(memory, shape.rows(), shape.hidden(), 7),
                    shape.input().ids() ? null : ofInput, stateful ? ofState : null, gradients);
            List<double[]> results = new ArrayList<>(List.of(output.read(), gradients.read(), ofInput.read()));
            if (stateful) {
                results.addAll(List.of(state.hidden().read(), ofState.hidden().read()));
            }
            return results;
        }
    }

    /** Units of more blocks, and cards whose tensor cores are slow; numbers between layers, and parts. */
    @ParameterizedTest
    @CsvSource({"900, cluster, lstm, 130, 1, 3, 2", "890, fused in float32 in 2 parts, lstm, 10, 1, 20, 2",
        "1200, cluster without gradients, gru, 12, 2, 5, 9", "900, cluster, tanh, 260, 1, 2, 2",
        "890, fused in float32, gru, 10, 2, 5, 3", "1200, cluster without gradients, lstm, 37, 1, 5, 2",
        "1200, fused in float32 in 2 parts, tanh, 10, 1, 20, 2", "900, cluster, gru, 256, 2, 2, 9",
        "1200, cluster without gradients, tanh, 12, 1, 5, 2", "900, cluster, lstm, 512, 1, 2, 1",
        "860, fused in float32 in 2 parts, gru, 10, 1, 20, 2"})
    @Sampled(every = 4)
    void agreeWithThePlainKernels(String capability, String title, String cell, int units, int layers, int steps,
            int batch) {
        SimulatedGpu.set(CAPABILITY, capability);
        try (Gpu gpu = Gpu.open()) {
            requireAgreement(gpu, Precision.BF16, title, shape(cell, units, layers, steps, batch), true);
        }
    }

    private static List<double[]> requireAgreement(Gpu gpu, Precision precision, String title, Rnn.Shape shape,
            boolean stateful) {
        double tolerance = precision == Precision.BF16 ? 0.06 : 1e-4;
        List<double[]> expected = results(gpu, precision,
                new PlainEngine(tools(gpu, precision)).candidates(shape).getFirst(), shape, stateful);
        List<double[]> actual = results(gpu, precision, candidate(gpu, precision, title, shape), shape, stateful);
        for (int i = 0; i < expected.size(); i++) {
            Agreement.require("result " + i, expected.get(i), actual.get(i), tolerance);
        }
        return actual;
    }

    /** Each layer on a stream of its own: nothing runs before what it waits for, whatever the streams' order. */
    @ParameterizedTest
    @CsvSource({"900, BF16, cluster in 4 parts side by side, lstm, 2, true, 33, 2, false",
        "800, BF16, fused in 2 parts side by side, lstm, 3, false, 17, 9, true",
        "900, FLOAT32, fused in 2 parts side by side, gru, 2, true, 16, 2, false",
        "890, BF16, fused in float32 in 2 parts side by side, lstm, 2, false, 16, 2, true",
        "900, BF16, cluster in 2 parts side by side, gru, 3, true, 20, 3, false",
        "1200, BF16, cluster without gradients in 2 parts side by side, tanh, 2, true, 16, 2, true",
        "900, BF16, cluster in 2 parts side by side, tanh, 2, true, 17, 4, false",
        "800, FLOAT32, fused in 4 parts side by side, lstm, 3, true, 33, 1, true"})
    @Sampled(every = 2)
    void layersSideBySideGiveTheSameBitsInAnyOrder(String capability, Precision precision, String title, String cell,
            int layers, boolean ids, int steps, int batch, boolean stateful) {
        SimulatedGpu.set(CAPABILITY, capability);
        Rnn.Shape shape = shape(ids ? InputShape.ofIds(SYMBOLS) : InputShape.ofMatrix(SYMBOLS), cell, 10, layers, steps,
                batch);
        List<double[]> expected;
        try (Gpu gpu = Gpu.open()) {
            expected = requireAgreement(gpu, precision, title, shape, stateful);
            gpu.context().keepInOrder();
            requireSame(expected, results(gpu, precision, candidate(gpu, precision, title, shape), shape, stateful));
        }
        SimulatedGpu.set(STREAMS, "deferred");
        try (Gpu gpu = Gpu.open()) {
            requireSame(expected, results(gpu, precision, candidate(gpu, precision, title, shape), shape, stateful));
        }
    }

    private static void requireSame(List<double[]> expected, List<double[]> actual) {
        for (int i = 0; i < expected.size(); i++) {
            assertArrayEquals(expected.get(i), actual.get(i), "result " + i);
        }
    }

    /** Only cards whose tensor cores take four times as long have more ways than one. */
    @ParameterizedTest
    @CsvSource({"800, fused, 12, fused", "860, fused, 12, fused|fused in float32", "900, cluster, 12, cluster",
        "1200, cluster, 12, cluster|cluster without gradients", "1200, cluster, 129, cluster",
        "900, fused, 12, fused"})
    void aCardHasTheWaysThatMayPay(String capability, String engine, int units, String titles) {
        SimulatedGpu.set(CAPABILITY, capability);
        try (Gpu gpu = Gpu.open()) {
            assertEquals(titles, candidates(gpu, Precision.BF16, engine, shape("lstm", units, 1, 4, 20)).stream()
                    .map(RnnEngine.Candidate::title).collect(Collectors.joining("|")));
        }
    }

    /** Clusters of sixteen are asked for, as not every GPU with clusters has them. */
    @ParameterizedTest
    @CsvSource({"512, ''", "256, ''"})
    void clustersOfTheSimulatedGpuHaveRoom(int units, String failure) {
        SimulatedGpu.set(CAPABILITY, "900");
        try (Gpu gpu = Gpu.open()) {
            assertEquals(failure, new FusedEngine(tools(gpu, Precision.BF16), Precision.BF16, true)
                    .unloaded(shape("lstm", units, 1, 4, 3)).map(Throwable::getMessage).orElse(""));
        }
    }
}
