package org.charlstm.device.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.IntStream;
import org.charlstm.Agreement;
import org.charlstm.CharlstmException;
import org.charlstm.device.Device;
import org.charlstm.device.DeviceOptions;
import org.charlstm.device.RecurrentActivation;
import org.charlstm.device.reference.ReferenceDevice;
import org.charlstm.nn.Initializer;
import org.charlstm.nn.Model;
import org.charlstm.nn.ModelConfig;
import org.charlstm.nn.Tensor;
import org.charlstm.nn.Weights;
import org.charlstm.text.Captions;
import org.charlstm.text.Corpus;
import org.charlstm.text.Vocabulary;
import org.charlstm.text.generated.GeneratedCaptions;
import org.charlstm.train.EpochListener;
import org.charlstm.train.Trainer;
import org.charlstm.train.TrainingOptions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** cuDNN's algorithms and bias modes, each of which lays the weights out in its own way: all train the same model. */
class AlgorithmTest {
    private static final String RNN = "CHARLSTM_SIM_RNN";
    private static final Corpus CORPUS;
    private static final Result EXPECTED;

    static {
        Captions captions = Captions.of(IntStream.range(0, 10).mapToObj(i ->
                Captions.generated(GeneratedCaptions.DEFAULT_COUNT, 1).texts().get(i).substring(0, 15)).toList());
        CORPUS = Corpus.encode(captions, Vocabulary.of(captions));
        try (Device oracle = new ReferenceDevice()) {
            EXPECTED = train(oracle, 32);
        }
    }

    private record Result(double loss, Weights weights) {
    }

    @BeforeEach
    void open() {
        Gpu.open().close();
    }

    @AfterEach
    void reset() {
        SimulatedGpu.set(RNN, null);
    }

    private static Device device(String algorithm) {
        return new CudaDevice("cudasim", Gpu.libraries(), DeviceOptions.DEFAULT.withRnnAlgorithm(algorithm));
    }

    /** Six updates in batches of four, four and two. */
    private static Result train(Device device, int hidden) {
        try (Model model = new Model(device, Initializer.keras(
                new ModelConfig(CORPUS.vocabulary().size(), hidden, 16), 1));
                Trainer trainer = new Trainer(model, CORPUS, new TrainingOptions(4, 0.01, 1, true))) {
            trainer.epoch(EpochListener.NONE);
            return new Result(trainer.epoch(EpochListener.NONE).loss(), model.weights());
        }
    }

    private static void requireExpected(Result actual) {
        Agreement.require("loss", new double[] {EXPECTED.loss}, new double[] {actual.loss}, 1e-5);
        for (Tensor tensor : EXPECTED.weights.tensors()) {
            Agreement.require(tensor.name(), tensor.values(), actual.weights.get(tensor.name()).values(), 1e-3);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"auto", "standard", "persist-static", "persist-dynamic", "persist-static-small-h"})
    void everyAlgorithmTrainsTheSameModel(String algorithm) {
        try (Device device = device(algorithm)) {
            requireExpected(train(device, 32));
            if (!algorithm.equals("auto")) {
                String taken = algorithm + (algorithm.equals("persist-static") ? " on input widened to 128" : "");
                assertEquals(List.of("LSTM 16 x 4, 32 units: " + taken, "LSTM 16 x 2, 32 units: " + taken),
                        device.choices());
            }
        }
    }

    /**
     * An algorithm that wants a wider input is tried with it, and what the others say is told. Which one wins on a
     * simulated GPU is chance.
     */
    @Test
    void aWiderInputCompetesAndRefusalsAreTold() {
        try (Device device = device("auto")) {
            requireExpected(train(device, 32));
            assertEquals(3, device.choices().size(), device.choices().toString());
            assertTrue(device.choices().get(0).matches("LSTM 32 x 64, 32 units, on trial: .*\\(standard [0-9.]+ ms, "
                    + "persist-static on input widened to 128 [0-9.]+ ms\\)"), device.choices().toString());
            String others = "persist-dynamic lays weights out otherwise, persist-static-small-h lays weights out "
                    + "otherwise";
            assertTrue(List.of("standard (persist-static refused with status 3000, " + others + ")",
                    "persist-static on input widened to 128 (standard lays weights out otherwise, " + others + ")")
                    .contains(device.choices().get(1).substring("LSTM 16 x 4, 32 units: ".length())),
                    device.choices().toString());
        }
    }

    /** Where all lay weights out alike, as NVIDIA's do by all accounts, they compete. */
    @Test
    void algorithmsCompete() {
        SimulatedGpu.set(RNN, "one_layout");
        try (Device device = device("auto")) {
            requireExpected(train(device, 32));
            String choice = device.choices().get(1);
            assertTrue(choice.matches("LSTM 16 x 4, 32 units: .*standard.* [0-9.]+ ms, persist-dynamic.* [0-9.]+ ms, "
                    + "persist-static-small-h.* [0-9.]+ ms\\)"), choice);
        }
    }

    /** The padding that an algorithm wants, and the recurrent bias that Keras does not have, stay zero. */
    @ParameterizedTest
    @ValueSource(strings = {"standard", "persist-static"})
    void whereASingleBiasIsRefusedTheSecondStaysZero(String algorithm) {
        SimulatedGpu.set(RNN, "two_biases");
        try (Device device = device(algorithm);
                Model model = new Model(device, EXPECTED.weights)) {
            CudnnLstmLayout layout = (CudnnLstmLayout) device.operations()
                    .lstmLayout(model.config().symbols(), model.config().hidden(), 1, RecurrentActivation.SIGMOID);
            assertEquals(4, layout.frozen().size());
            requireExpected(train(device, 32));
            requirePaddingZero(device, layout);
        }
    }

    @Test
    void paddingStaysZero() {
        try (Device device = device("persist-static")) {
            CudnnLstmLayout layout = (CudnnLstmLayout) device.operations()
                    .lstmLayout(CORPUS.vocabulary().size(), 32, 1, RecurrentActivation.SIGMOID);
            assertEquals(128, layout.width());
            requirePaddingZero(device, layout);
        }
    }

    /** Packing what was unpacked gives the buffer back only if nothing else in it has moved. */
    private static void requirePaddingZero(Device device, CudnnLstmLayout layout) {
        try (Model model = new Model(device, Initializer.keras(
                new ModelConfig(CORPUS.vocabulary().size(), 32, 16), 1));
                Trainer trainer = new Trainer(model, CORPUS, new TrainingOptions(4, 0.01, 1, true))) {
            trainer.epoch(EpochListener.NONE);
            double[] flat = model.flatWeights().read();
            double[] packed = new double[flat.length];
            layout.pack(layout.unpack(flat, 0), packed, 0);
            for (int i = 0; i < layout.size(); i++) {
                assertEquals(packed[i], flat[i], "element " + i + " of the flat weights");
            }
        }
    }

    @Test
    void anAlgorithmThatCannotRunTheSizesIsAnAnswer() {
        try (Device device = device("persist-static")) {
            CharlstmException e = assertThrows(CharlstmException.class, () -> train(device, 37));
            assertTrue(e.getMessage().startsWith("cuDNN has no persist-static LSTM of ")
                    && e.getMessage().contains("37 units") && e.getMessage().contains("CUDNN_STATUS_NOT_SUPPORTED")
                    && e.getMessage().contains("--rnn-algo"), e.getMessage());
            assertEquals(1, e.getMessage().lines().count());
        }
    }
}
