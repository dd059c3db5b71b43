package org.charlstm.device.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.IntStream;
import org.charlstm.Agreement;
import org.charlstm.CharlstmException;
import org.charlstm.device.Device;
import org.charlstm.device.DeviceOptions;
import org.charlstm.device.LstmShape;
import org.charlstm.device.Memory;
import org.charlstm.device.RecurrentActivation;
import org.charlstm.device.cuda.binding.CudaException;
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
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** cuDNN's algorithms: all train the same model, and none that fails keeps the others from training it. */
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

    private static String choice(Device device) {
        return device.choices().getFirst().substring("LSTM 16 x 4, 32 units: ".length());
    }

    @ParameterizedTest
    @ValueSource(strings = {"auto", "standard", "persist-static", "persist-dynamic", "persist-static-small-h"})
    void everyAlgorithmTrainsTheSameModel(String algorithm) {
        try (Device device = device(algorithm)) {
            requireExpected(train(device, 32));
            if (!algorithm.equals("auto")) {
                assertEquals(List.of("LSTM 16 x 4, 32 units: " + algorithm, "LSTM 16 x 2, 32 units: " + algorithm),
                        device.choices());
            }
        }
    }

    /** All four, and the one way of mixing two; which one wins on a simulated GPU is chance. */
    @Test
    void algorithmsCompete() {
        try (Device device = device("auto")) {
            requireExpected(train(device, 32));
            assertTrue(choice(device).matches("[a-z -]+ \\(standard [0-9.]+ ms, persist-static [0-9.]+ ms, "
                    + "persist-dynamic [0-9.]+ ms, persist-static-small-h [0-9.]+ ms, "
                    + "persist-static-small-h with standard backward [0-9.]+ ms\\)"), device.choices().toString());
        }
    }

    /** Only those whose weights lie in the same places may compete, whatever the sizes of their spaces. */
    @Test
    void anotherLayoutDoesNotCompete() {
        SimulatedGpu.set(RNN, "layouts");
        try (Device device = device("auto")) {
            requireExpected(train(device, 32));
            assertEquals("standard (persist-static lays weights out otherwise, persist-dynamic lays weights out "
                    + "otherwise, persist-static-small-h lays weights out otherwise)", choice(device));
        }
    }

    /** Whatever an optional algorithm fails with and wherever, training goes on and the report names it. */
    @ParameterizedTest
    @CsvSource({"describe, 3000, NOT_SUPPORTED", "spaces, 3007, NOT_SUPPORTED_ARCH_MISMATCH",
        "spaces, 4000, INTERNAL_ERROR", "forward, 5003, EXECUTION_FAILED_CUDART",
        "data, 4005, INTERNAL_ERROR_BAD_LAUNCH_PARAM", "weights, 5000, EXECUTION_FAILED",
        "build, 1001, NOT_INITIALIZED"})
    void whateverFailsDoesNotServe(String when, int status, String name) {
        String title = when.equals("build") ? "persist-dynamic" : "persist-static";
        SimulatedGpu.set(RNN, (when.equals("build") ? 2 : 1) + ":" + when + ":" + status);
        try (Device device = device("auto")) {
            requireExpected(train(device, 32));
            assertTrue(choice(device).contains(title + " failed with status " + status + " (CUDNN_STATUS_" + name
                    + ")"), choice(device));
            assertFalse(choice(device).startsWith(title + " "), choice(device));
        }
    }

    /** The standard one is as optional as the others. */
    @Test
    void theStandardAlgorithmMayFailToo() {
        SimulatedGpu.set(RNN, "0:forward:5000");
        try (Device device = device("auto")) {
            requireExpected(train(device, 32));
            assertTrue(choice(device).matches("persist.* \\(standard failed with status 5000 .*, persist-static "
                    + "[0-9.]+ ms, .*"), choice(device));
        }
    }

    @Test
    void whereNoneServesEachIsNamed() {
        SimulatedGpu.set(RNN, "0:forward:5000,1:spaces:3000,2:build:3008,3:describe:4000");
        try (Device device = device("auto")) {
            CharlstmException e = assertThrows(CharlstmException.class, () -> train(device, 32));
            assertTrue(e.getMessage().matches("cuDNN has no LSTM of \\d+ symbols and 32 units: persist-static-small-h "
                    + "failed with status 4000 .*, standard failed with status 5000 .*, persist-static failed with "
                    + "status 3000 .*, persist-dynamic failed with status 3008 .*"), e.getMessage());
            assertEquals(1, e.getMessage().lines().count());
        }
    }

    /** After it nothing serves any more, and no other may be blamed. */
    @Test
    void aBrokenContextIsNoAnswer() {
        SimulatedGpu.set(RNN, "1:lost");
        Device device = device("auto");
        CudaException e = assertThrows(CudaException.class, () -> train(device, 32));
        assertTrue(e.getMessage().startsWith("cudnnRNNForward failed with status 5000"), e.getMessage());
        assertThrows(CudaException.class, device::close);
        SimulatedGpu.set(RNN, null);
        Gpu.open().close();
    }

    /** Running without an error is not enough. */
    @Test
    void whatComputesSomethingElseDoesNotServe() {
        SimulatedGpu.set(RNN, "1:wrong,3:wrong");
        try (Device device = device("auto")) {
            requireExpected(train(device, 32));
            assertTrue(choice(device).contains("persist-static computes something else, ")
                    && choice(device).contains("persist-static-small-h computes something else, "), choice(device));
        }
    }

    /** As PyTorch does for more units than the algorithm for few goes backward over. */
    @ParameterizedTest
    @ValueSource(strings = {"auto", "persist-static-small-h"})
    void standardGoesBackwardForTheOneForFewUnits(String algorithm) {
        try (Device device = device(algorithm)) {
            train(device, 130);
            String choice = device.choices().getFirst();
            assertTrue(choice.contains("persist-static-small-h failed with status 3000 (CUDNN_STATUS_NOT_SUPPORTED)")
                    && choice.contains("persist-static-small-h with standard backward"), choice);
        }
    }

    /** It is timed call by call, and a step of it runs so, with one warning. */
    @Test
    void whatCannotBeRecordedRunsCallByCall() {
        SimulatedGpu.set(RNN, "0:capture:5000,2:build:3008");
        try (Device device = device("standard")) {
            requireExpected(train(device, 32));
            assertEquals(1, device.warnings().size(), device.warnings().toString());
            assertTrue(device.warnings().getFirst().matches("steps run call by call, not as one recorded graph: "
                    + "cudnnRNNForward failed with status 5000 .*"), device.warnings().toString());
        }
        try (Device device = device("auto")) {
            requireExpected(train(device, 32));
            assertTrue(choice(device).matches(".*\\(persist-dynamic failed with status 3008 .*, standard [0-9.]+ ms, "
                    + "for recording it failed with status 5000 \\(CUDNN_STATUS_EXECUTION_FAILED\\), persist-static "
                    + "[0-9.]+ ms, .*"), choice(device));
        }
    }

    /** The recurrent biases, which Keras does not have, follow each other in NVIDIA's layout, and stay zero in any. */
    @ParameterizedTest
    @CsvSource({"standard, , 1, 1", "persist-static, layouts, 1, 4", "persist-dynamic, , 2, 2"})
    void theSecondBiasStaysZero(String algorithm, String layouts, int layers, int ranges) {
        SimulatedGpu.set(RNN, layouts);
        try (Device device = device(algorithm)) {
            ModelConfig config = new ModelConfig(CORPUS.vocabulary().size(), 32, layers, 16);
            CudnnLstmLayout layout = (CudnnLstmLayout) device.operations()
                    .lstmLayout(config.symbols(), config.hidden(), layers, RecurrentActivation.SIGMOID);
            assertEquals(ranges, layout.frozen().size());
            assertEquals(layers * 4 * 32, layout.frozen().stream().mapToInt(CudnnLstmLayout.Range::length).sum());
            requirePaddingZero(device, layout, config);
        }
    }

    /** Packing what was unpacked gives the buffer back only if nothing else in it has moved. */
    private static void requirePaddingZero(Device device, CudnnLstmLayout layout, ModelConfig config) {
        try (Model model = new Model(device, Initializer.keras(config, 1));
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
        try (Device device = device("persist-static-small-h")) {
            CharlstmException e = assertThrows(CharlstmException.class, () -> train(device, 193));
            assertTrue(e.getMessage().startsWith("cuDNN has no persist-static-small-h LSTM of ")
                    && e.getMessage().contains("193 units") && e.getMessage().contains("CUDNN_STATUS_NOT_SUPPORTED")
                    && e.getMessage().contains("--rnn-algo"), e.getMessage());
            assertEquals(1, e.getMessage().lines().count());
        }
    }

    /** What cuDNN takes is known before it is asked. */
    @Test
    void moreStepsThanCudnnTakesAreRefusedInOurWords() {
        try (Device device = device("standard"); Memory memory = device.memory()) {
            CharlstmException e = assertThrows(CharlstmException.class, () -> device.operations().lstm(memory,
                    new LstmShape(3, 4, 1, 65_536, 1, true), 0));
            assertEquals("an LSTM over 65,536 time steps; cuDNN takes at most 65,535; use shorter texts or a --window",
                    e.getMessage());
            e = assertThrows(CharlstmException.class, () -> device.operations().lstm(memory,
                    new LstmShape(3, 1024, 2, 1, 1 << 20, true), 0));
            assertTrue(e.getMessage().contains("more than the 2,147,483,647 elements that cuDNN takes"),
                    e.getMessage());
        }
    }
}
