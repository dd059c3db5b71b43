package org.charlstm.device.gpu;

import static org.charlstm.device.gpu.Gpu.device;
import static org.charlstm.device.gpu.SmallTraining.CORPUS;
import static org.charlstm.device.gpu.SmallTraining.choice;
import static org.charlstm.device.gpu.SmallTraining.competing;
import static org.charlstm.device.gpu.SmallTraining.requireExpected;
import static org.charlstm.device.gpu.SmallTraining.train;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.circle.Sampled;
import org.charlstm.cuda.Precision;
import org.charlstm.cuda.SimulatedGpu;
import org.charlstm.device.Device;
import org.charlstm.device.DeviceOptions;
import org.charlstm.device.DeviceSetting;
import org.charlstm.device.Memory;
import org.charlstm.device.Rnn;
import org.charlstm.device.Rnn.InputShape;
import org.charlstm.device.WeightLayout;
import org.charlstm.device.gpu.rnn.RnnLayout;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.charlstm.nn.Initializer;
import org.charlstm.nn.Model;
import org.charlstm.nn.ModelConfig;
import org.charlstm.nn.Models;
import org.charlstm.train.EpochListener;
import org.charlstm.train.Trainer;
import org.charlstm.train.TrainingOptions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** cuDNN's algorithms and own kernels: all train the same model, and compete. */
@Tag("long")
@Needs(Need.SIMULATED_GPU)
class AlgorithmTest {
    private static final String RNN = "CHARLSTM_SIM_RNN";

    @AfterEach
    void reset() {
        SimulatedGpu.set(RNN, null);
    }

    @ParameterizedTest
    @ValueSource(strings = {"auto", "standard", "persist-static", "persist-dynamic", "persist-static-small-h",
        "cudnn", "plain", "fused"})
    @Sampled(every = 4)
    void everyAlgorithmTrainsTheSameModel(String algorithm) {
        try (Device device = device(algorithm)) {
            requireExpected(train(device, 32));
            String choice = switch (algorithm) {
                case "plain", "fused" -> algorithm;
                case "auto", "cudnn" -> "cudnn standard";
                default -> "cudnn " + algorithm;
            };
            // Two sequences leave half of the multiprocessors idle.
            assertEquals(List.of("LSTM 16 x 4, 32 units: " + choice, "LSTM 16 x 2, 32 units: " + choice
                    + (algorithm.equals("fused") ? " in 2 parts" : "")), device.choices());
        }
    }

    /**
     * All but the one whose code would have to be compiled for so small a shape, and the one way of mixing two; which
     * one wins on a simulated GPU is chance.
     */
    @ParameterizedTest
    @ValueSource(strings = {"auto", "cudnn"})
    void algorithmsCompete(String asked) {
        try (Device device = competing(asked)) {
            requireExpected(train(device, 32));
            assertTrue(choice(device).matches("[a-z -]+ \\("
                    + "cudnn standard [0-9.]+ ms, cudnn persist-static [0-9.]+ ms, "
                    + "cudnn persist-static-small-h [0-9.]+ ms, "
                    + "cudnn persist-static-small-h with standard backward [0-9.]+ ms"
                    + (asked.equals("auto") ? ", fused [0-9.]+ ms" : "") + "\\)"), device.choices().toString());
            assertEquals(List.of(), device.warnings());
        }
    }

    /** Only its first steps are held to the plain kernels, in any precision and of any input. */
    @ParameterizedTest
    @CsvSource({"FLOAT32, true, 1, true", "FLOAT32, false, 2, false", "TF32, true, 2, false", "BF16, false, 1, true",
        "BF16, true, 2, false"})
    @Sampled(every = 5)
    void longSequencesCompete(Precision precision, boolean training, int layers, boolean ids) {
        try (Device device = Gpu.device(DeviceOptions.DEFAULT.withPrecision(precision),
                SmallTraining::hurried); Memory memory = device.memory()) {
            InputShape input = ids ? InputShape.ofIds(5) : InputShape.ofMatrix(6);
            device.operations().rnn(memory, new Rnn.Shape(new Rnn.Layers(input, 9, layers), 41, 3, training), 0);
            String choice = device.choices().getLast();
            // One block of 8 sequences leaves half of 4 multiprocessors idle, a cluster of 4 none. Two layers run
            // side by side where 6 sequences find room: not in blocks of one.
            String parts = " in 4 parts%1$s [0-9.]+ ms, %2$s in 2 parts%1$s [0-9.]+ ms, %2$s";
            String beside = layers == 1 ? "" : " side by side";
            String fused = "fused" + (training ? parts.formatted(beside, "fused") : "");
            String cluster = "cluster" + (training && layers > 1 ? parts.formatted(beside, "cluster") : "");
            String own = precision == Precision.BF16 ? fused + " [0-9.]+ ms, " + cluster : "fused";
            assertTrue(choice.matches(".*\\(cudnn standard [0-9.]+ ms, "
                    + "cudnn persist-static [0-9.]+ ms, cudnn persist-static-small-h .*, " + own + " [0-9.]+ ms\\)")
                    && !choice.contains("something else"), choice);
            assertEquals(List.of(), device.warnings());
        }
    }

    /** But two of other layouts do not go forward and backward for each other. */
    @Test
    void algorithmsOfOtherLayoutsCompete() {
        SimulatedGpu.set(RNN, "layouts");
        try (Device device = competing("cudnn")) {
            requireExpected(train(device, 32));
            assertTrue(choice(device).matches("cudnn [a-z-]+ \\(cudnn standard [0-9.]+ ms, cudnn persist-static "
                    + "[0-9.]+ ms, cudnn persist-static-small-h [0-9.]+ ms\\)"),
                    choice(device));
        }
    }

    /** As PyTorch does for more units than the algorithm for few goes backward over. */
    @ParameterizedTest
    @ValueSource(strings = {"auto", "persist-static-small-h"})
    void standardGoesBackwardForTheOneForFewUnits(String algorithm) {
        try (Device device = competing(algorithm); Memory memory = device.memory()) {
            device.operations().rnn(memory, new Rnn.Shape(new Rnn.Layers(InputShape.ofIds(5), 130, 1), 4, 2, true), 0);
            String choice = device.choices().getFirst();
            assertTrue(
                    choice.contains("cudnn persist-static-small-h failed with status 3000 (CUDNN_STATUS_NOT_SUPPORTED)")
                            && choice.matches(algorithm.equals("auto")
                                    ? ".*persist-static-small-h with standard backward [0-9.]+ ms.*"
                                    : "LSTM 4 x 2, 130 units: cudnn persist-static-small-h with standard backward .*"),
                    choice);
        }
    }

    /** Padding in the flat buffer is no parameter, and stays zero wherever cuDNN wants its weights. */
    @ParameterizedTest
    @CsvSource({"standard, , 1", "persist-static, layouts, 1", "persist-dynamic, , 2"})
    void paddingStaysZero(String algorithm, String layouts, int layers) {
        SimulatedGpu.set(RNN, layouts);
        ModelConfig config = Models.of(CORPUS.vocabulary().size(), 31, layers, 16);
        WeightLayout layout = RnnLayout.of(new Rnn.Layers(InputShape.ofIds(config.symbols()), 31, layers));
        try (Device device = device(algorithm);
                Model model = new Model(device, Initializer.keras(config, 1));
                Trainer trainer = new Trainer(model, CORPUS, new TrainingOptions(4, 0.01, 1, true))) {
            trainer.epoch(EpochListener.NONE);
            double[] flat = Arrays.copyOf(model.flatWeights().read(), layout.size());
            double[] packed = new double[flat.length];
            // Packing what was unpacked gives the buffer back only if nothing else in it has moved.
            layout.pack(layout.unpack(flat, 0), packed, 0);
            assertArrayEquals(packed, flat);
        }
    }

    @Test
    void anAlgorithmThatCannotRunTheSizesIsAnAnswer() {
        try (Device device = device("persist-static-small-h")) {
            CharlstmException e = assertThrows(CharlstmException.class, () -> train(device, 193));
            assertTrue(e.getMessage().startsWith("cuDNN has no persist-static-small-h LSTM of ")
                    && e.getMessage().contains("193 units") && e.getMessage().contains("CUDNN_STATUS_NOT_SUPPORTED")
                    && DeviceSetting.mending(e).contains(DeviceSetting.CUDNN_ALGORITHM), e.getMessage());
            assertEquals(1, e.getMessage().lines().count());
        }
    }

    /** The sizes that cuDNN takes are known before it is asked. */
    @Test
    void moreStepsThanCudnnTakesAreRefusedInOurWords() {
        try (Device device = device("standard"); Memory memory = device.memory()) {
            CharlstmException e = assertThrows(CharlstmException.class, () -> device.operations().rnn(memory,
                    new Rnn.Shape(new Rnn.Layers(InputShape.ofIds(3), 4, 1), 65_536, 1, true), 0));
            assertEquals("an LSTM over 65,536 time steps; cuDNN takes at most 65,535; auto does without it",
                    e.getMessage());
            e = assertThrows(CharlstmException.class, () -> device.operations().rnn(memory,
                    new Rnn.Shape(new Rnn.Layers(InputShape.ofIds(3), 1024, 2), 1, 1 << 20, true), 0));
            assertTrue(e.getMessage().contains("more than the 2,147,483,647 elements that cuDNN takes"),
                    e.getMessage());
        }
    }
}
