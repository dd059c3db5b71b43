package org.charlstm.device.gpu.rnn;

import static org.charlstm.selftest.TrialMemory.random;
import static org.charlstm.selftest.TrialMemory.randomIds;
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

/** The ways in bf16 that depend on the units and on the card agree with the plain kernels. */
@Tag("long")
@Needs(Need.SIMULATED_GPU)
class FusedWaysTest {
    private static final String CAPABILITY = "CHARLSTM_SIM_CAPABILITY";
    private static final int SYMBOLS = 5;

    @AfterEach
    void restore() {
        SimulatedGpu.set(CAPABILITY, System.getenv(CAPABILITY));
    }

    private static RecurrentCell cell(String name) {
        return switch (name) {
            case "lstm" -> RecurrentCell.Lstm.SIGMOID;
            case "gru" -> RecurrentCell.Gru.RESET_AFTER;
            default -> new RecurrentCell.Elman(Activation.TANH);
        };
    }

    private static Rnn.Shape shape(String cell, int units, int layers, int steps, int batch) {
        return new Rnn.Shape(new Rnn.Layers(InputShape.ofIds(SYMBOLS), units, layers, cell(cell)), steps, batch, true);
    }

    private static List<RnnEngine.Candidate> candidates(Gpu gpu, String engine, Rnn.Shape shape) {
        return new FusedEngine(tools(gpu), Precision.BF16, engine.equals("cluster")).candidates(shape);
    }

    private static GpuTools tools(Gpu gpu) {
        return new GpuTools(gpu.context(), gpu.kernels(), new GpuProducts(gpu.context(), Precision.BF16));
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

    /** The output, the last state, the first state's gradient and those of the weights. */
    private static List<double[]> results(Gpu gpu, RnnEngine.Candidate candidate, Rnn.Shape shape) {
        try (GpuMemory memory = new GpuMemory(gpu.context(), CudaType.BFLOAT16)) {
            int count = RnnLayout.of(shape.layers()).size();
            GpuMatrix weights = memory.flat(count);
            weights.write(random(1, count, 2 / Math.sqrt(shape.hidden() + 16)));
            GpuInts ids = memory.ints(shape.rows());
            ids.write(randomIds(2, shape.rows(), SYMBOLS));
            Input input = new Input.Ids(ids);
            Rnn.State state = state(memory, shape, 3);
            Rnn.State ofState = state(memory, shape, 5);
            GpuMatrix output = memory.matrix(shape.rows(), shape.hidden());
            GpuMatrix gradients = memory.flat(count);
            Rnn rnn = candidate.opener().apply(memory, 0);
            rnn.forward(weights, input, state, output, part -> {});
            rnn.backward(weights, input, output, matrix(memory, shape.rows(), shape.hidden(), 7), null, ofState,
                    gradients);
            return List.of(output.read(), state.hidden().read(), ofState.hidden().read(), gradients.read());
        }
    }

    /** Units of more blocks, and cards whose tensor cores are slow; numbers between layers, and parts. */
    @ParameterizedTest
    @CsvSource({"900, cluster, cluster, lstm, 130, 1, 3, 2",
        "890, fused, fused in float32 in 2 parts, lstm, 10, 2, 20, 2",
        "1200, cluster, cluster without gradients, gru, 12, 2, 5, 9", "900, cluster, cluster, tanh, 260, 1, 2, 2",
        "890, fused, fused in float32, gru, 10, 2, 5, 3", "1200, cluster, cluster without gradients, lstm, 37, 1, 5, 2",
        "1200, fused, fused in float32 in 2 parts, tanh, 10, 1, 20, 2", "900, cluster, cluster, gru, 256, 2, 2, 9",
        "1200, cluster, cluster without gradients, tanh, 12, 1, 5, 2", "900, cluster, cluster, lstm, 512, 1, 2, 1",
        "860, fused, fused in float32 in 2 parts, gru, 10, 1, 20, 2"})
    @Sampled(every = 4)
    void agreeWithThePlainKernels(String capability, String engine, String title, String cell, int units, int layers,
            int steps, int batch) {
        SimulatedGpu.set(CAPABILITY, capability);
        Rnn.Shape shape = shape(cell, units, layers, steps, batch);
        try (Gpu gpu = Gpu.open()) {
            RnnEngine.Candidate candidate = candidates(gpu, engine, shape).stream()
                    .filter(each -> each.title().equals(title)).findFirst().orElseThrow();
            List<double[]> expected = results(gpu, new PlainEngine(tools(gpu)).candidates(shape).getFirst(), shape);
            List<double[]> actual = results(gpu, candidate, shape);
            for (int i = 0; i < expected.size(); i++) {
                Agreement.require("result " + i, expected.get(i), actual.get(i), 0.06);
            }
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
            assertEquals(titles, candidates(gpu, engine, shape("lstm", units, 1, 4, 20)).stream()
                    .map(RnnEngine.Candidate::title).collect(Collectors.joining("|")));
        }
    }

    /** Clusters of sixteen are asked for, as not every GPU with clusters has them. */
    @ParameterizedTest
    @CsvSource({"512, ''", "256, ''"})
    void clustersOfTheSimulatedGpuHaveRoom(int units, String failure) {
        SimulatedGpu.set(CAPABILITY, "900");
        try (Gpu gpu = Gpu.open()) {
            assertEquals(failure, new FusedEngine(tools(gpu), Precision.BF16, true)
                    .unloaded(shape("lstm", units, 1, 4, 3)).map(Throwable::getMessage).orElse(""));
        }
    }
}
