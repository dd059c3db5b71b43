package org.charlstm.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.Refusals;
import org.charlstm.cuda.CudnnRnn.Shape;
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

    private static RnnDescription of(RnnCell cell, int layers) {
        return RnnDescription.of(cell, INPUTS, UNITS).withLayers(layers);
    }

    @ParameterizedTest
    @MethodSource("networks")
    void outputsAndStatesAreThoseOfTheFormulas(String binding, RnnCell cell, int layers) {
        try (Cuda gpu = open(binding)) {
            try (RnnCase exact = new RnnCase(gpu, of(cell, layers), Shape.of(STEPS, BATCH, true))) {
                exact.forward(EXACT);
            }
            try (RnnCase inference = new RnnCase(gpu, of(cell, layers), Shape.of(STEPS, BATCH, false))) {
                inference.forward(EXACT);
                assertTrue(inference.space().workBytes() > 0);
            }
            try (RnnCase coarse =
                    new RnnCase(gpu, of(cell, layers).with(Precision.BF16), Shape.of(STEPS, BATCH, true))) {
                coarse.forward(BF16);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("networks")
    void gradientsAreThoseOfDifferences(String binding, RnnCell cell, int layers) {
        try (Cuda gpu = open(binding)) {
            try (RnnCase exact = new RnnCase(gpu, of(cell, layers), Shape.of(STEPS, BATCH, true))) {
                exact.backward(EXACT);
            }
            try (RnnCase coarse =
                    new RnnCase(gpu, of(cell, layers).with(Precision.BF16), Shape.of(STEPS, BATCH, true))) {
                coarse.backward(BF16);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"STANDARD", "PERSIST_STATIC", "PERSIST_STATIC_SMALL_H"})
    void everyAlgorithmGivesTheSame(RnnAlgorithm algorithm) {
        try (Cuda gpu = open("panama");
                RnnCase other = new RnnCase(gpu, of(RnnCell.GRU, 2).with(algorithm), Shape.of(STEPS, BATCH, true))) {
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
                    new Lacking("dropout between layers: its rate must be 0", lstm.withLayers(2).withDropout(0.5),
                            shape))) {
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
