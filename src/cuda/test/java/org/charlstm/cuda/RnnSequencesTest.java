package org.charlstm.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.Refusals;
import org.charlstm.cuda.CudnnRnn.Shape;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Sequences of different lengths, networks in both directions and with projections, against the same in double. */
@Needs(Need.SIMULATED_GPU)
class RnnSequencesTest {
    private static final double EXACT = 1e-5;
    private static final double BF16 = 0.04;

    /** Each binding with each layout. */
    static Stream<Arguments> layouts() {
        return Gpus.BINDINGS.stream().flatMap(binding -> Stream.of(RnnDataLayout.values())
                .map(layout -> Arguments.of(binding, layout)));
    }

    private static Shape shape(RnnDataLayout layout) {
        return new Shape(3, layout == RnnDataLayout.PACKED ? List.of(3, 2, 1) : List.of(1, 3, 2), true, 0, layout);
    }

    private static CudaBuffer zeros(Cuda gpu, long count) {
        return gpu.allocate(CudaType.FLOAT32, count, "zeros");
    }

    private static void assertMisuse(String words, Executable action) {
        Refusals.assertLine(words, assertThrows(IllegalArgumentException.class, action).getMessage());
    }

    private static void agrees(Cuda gpu, RnnDescription description, Shape shape) {
        try (RnnCase exact = new RnnCase(gpu, description, shape)) {
            exact.forward(EXACT);
            exact.backward(EXACT);
        }
    }

    @ParameterizedTest
    @MethodSource("layouts")
    void everyCellAgreesInBothDirections(String binding, RnnDataLayout layout) {
        try (Cuda gpu = Gpus.open(binding)) {
            for (RnnCell cell : RnnCell.values()) {
                agrees(gpu, RnnDescription.of(cell, 3, 4).withLayers(2).inBothDirections(), shape(layout));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("layouts")
    void projectionsAgree(String binding, RnnDataLayout layout) {
        try (Cuda gpu = Gpus.open(binding)) {
            RnnDescription lstm = RnnDescription.lstm(3, 4).withLayers(2).withProjection(2);
            agrees(gpu, lstm, shape(layout));
            agrees(gpu, lstm.inBothDirections(), shape(layout));
            agrees(gpu, lstm, Shape.of(3, 2, true).with(layout));
            try (RnnCase coarse = new RnnCase(gpu, lstm.inBothDirections().with(Precision.BF16), shape(layout))) {
                coarse.forward(BF16);
                coarse.backward(BF16);
            }
        }
    }

    /** Sequences of one length serve every algorithm, and others the standard one alone. */
    @ParameterizedTest
    @EnumSource(names = {"PERSIST_STATIC", "PERSIST_STATIC_SMALL_H"})
    void persistentAlgorithmsWantOneLength(RnnAlgorithm algorithm) {
        try (Cuda gpu = Gpus.open("panama")) {
            RnnDescription both = RnnDescription.gru(3, 4).inBothDirections().with(algorithm);
            agrees(gpu, both, Shape.of(3, 2, true));
            Shape shorter = new Shape(3, List.of(3, 2), true, 0);
            try (CudnnRnn rnn = gpu.rnn(both, shorter);
                    CudnnRnn.Space space = rnn.newSpace();
                    CudaBuffer some = zeros(gpu, 1000);
                    CudaBuffer other = zeros(gpu, 1000);
                    CudaBuffer third = zeros(gpu, 1000)) {
                String line = Refusals.assertRefused("want every sequence to have maxSeqLength",
                        () -> rnn.forward(space, some, other, third, CudnnRnn.State.NONE, CudnnRnn.State.NONE));
                assertTrue(line.startsWith("cudnnRNNForward failed with status 3000 "), line);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("org.charlstm.cuda.RnnTest#bindings")
    void packedSequencesComeLongestFirst(String binding) {
        for (List<Integer> lengths : List.of(List.of(2, 3), List.of(2, 1))) {
            assertMisuse(
                    "packed sequences of " + lengths + " steps in 3; the longest must come first and have all steps",
                    () -> new Shape(3, lengths, true, 0, RnnDataLayout.PACKED));
        }
        try (Cuda gpu = Gpus.open(binding)) {
            Shape shape = new Shape(3, List.of(3, 1), false, 0, RnnDataLayout.PACKED);
            assertEquals(4, shape.rows());
            try (CudnnRnn rnn = gpu.rnn(RnnDescription.gru(5, 4), shape);
                    CudnnRnn.Space space = rnn.newSpace();
                    CudaBuffer weights = zeros(gpu, rnn.weights().count());
                    CudaBuffer x = zeros(gpu, 4 * 5 - 1);
                    CudaBuffer y = zeros(gpu, 4 * 4)) {
                assertMisuse("x must have 20 elements of float32, and a buffer of 19",
                        () -> rnn.forward(space, weights, x, y, CudnnRnn.State.NONE, CudnnRnn.State.NONE));
            }
        }
    }
}
