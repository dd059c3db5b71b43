package org.charlstm.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.device.spi.Stopwatch;
import org.charlstm.nn.Initializer;
import org.charlstm.nn.Model;
import org.charlstm.nn.Models;
import org.charlstm.nn.Network;
import org.charlstm.sample.Predictor;
import org.charlstm.sample.Sampler;
import org.charlstm.sample.SamplingOptions;
import org.charlstm.text.Captions;
import org.charlstm.text.Corpus;
import org.charlstm.train.EpochListener;
import org.charlstm.train.Evaluation;
import org.charlstm.train.Trainer;
import org.charlstm.train.TrainingOptions;
import org.charlstm.train.TrainingState;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A closed object says so in a line when it is used, on every device, and may be closed again, in any order. */
@Timeout(value = 900, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ClosedTest {
    private static final Captions CAPTIONS = Captions.of(List.of("abc", "ca", "b", "cab"));
    private static final Corpus CORPUS = Corpus.encode(CAPTIONS);

    private final Map<String, Executable> uses = new LinkedHashMap<>();

    static Stream<String> devices() {
        return Stream.concat(Stream.of("reference"), TestDevices.all());
    }

    private static Model model(Device device) {
        return new Model(device, Initializer.keras(Models.of(CORPUS.vocabulary().size(), 20, 3), 1));
    }

    private static Trainer trainer(Model model) {
        return new Trainer(model, CORPUS, new TrainingOptions(2, 0.01, 1, true));
    }

    private void refused(String message) {
        uses.forEach((name, use) -> assertEquals(message, assertThrows(IllegalStateException.class, use, name)
                .getMessage(), name));
    }

    private void usesOfModel(Model model) {
        Sampler sampler = new Sampler(model, CORPUS.vocabulary(), SamplingOptions.DEFAULT.maxLength(5));
        uses.put("weights", model::weights);
        uses.put("flat weights", model::flatWeights);
        uses.put("sentences", () -> sampler.sentences(3));
        uses.put("next", () -> Predictor.next(model, CORPUS.vocabulary(), "a"));
        uses.put("most probable", () -> Predictor.mostProbable(model, new int[3]));
        uses.put("evaluation", () -> Evaluation.of(model, CORPUS, 2));
    }

    @ParameterizedTest
    @MethodSource("devices")
    void aDevice(String name) {
        Device device = TestDevices.open(name);
        Model model = model(device);
        Trainer trainer = trainer(model);
        Memory memory = device.memory();
        Ints ids = memory.ints(2);
        Network network = new Network(model, memory, 1, 2, false);
        Stopwatch stopwatch = Stopwatch.of(device);
        stopwatch.close();
        trainer.epoch(EpochListener.NONE);
        TrainingState state = trainer.state();
        device.close();
        usesOfModel(model);
        uses.remove("flat weights");
        uses.put("lease", device::lease);
        uses.put("memory", device::memory);
        uses.put("operations", device::operations);
        uses.put("a new model", () -> model(device));
        uses.put("a new trainer", () -> trainer(model));
        uses.put("write", () -> model.write(state.weights()));
        uses.put("epoch", () -> trainer.epoch(EpochListener.NONE));
        uses.put("figures", trainer::figures);
        uses.put("state", trainer::state);
        uses.put("restore", () -> trainer.restore(state));
        uses.put("forward", () -> network.forward(ids, null));
        uses.put("new state", () -> network.newState(memory));
        refused("device '" + TestDevices.device(name) + "' is closed");
        String closed = assertThrows(IllegalStateException.class, () -> memory.ints(1)).getMessage();
        assertTrue(closed.endsWith(" closed"), closed);
        memory.close();
        trainer.close();
        model.close();
        device.close();
    }

    @ParameterizedTest
    @MethodSource("devices")
    void aModel(String name) {
        try (Device device = TestDevices.open(name)) {
            Model model = model(device);
            model.close();
            usesOfModel(model);
            refused("this model is closed");
            model.close();
        }
    }

    @ParameterizedTest
    @MethodSource("devices")
    void aTrainer(String name) {
        try (Device device = TestDevices.open(name); Model model = model(device)) {
            Trainer trainer = trainer(model);
            trainer.epoch(EpochListener.NONE);
            TrainingState state = trainer.state();
            trainer.close();
            uses.put("epoch", () -> trainer.epoch(EpochListener.NONE));
            uses.put("figures", trainer::figures);
            uses.put("state", trainer::state);
            uses.put("restore", () -> trainer.restore(state));
            refused("this trainer is closed");
            trainer.close();
            assertEquals(state.weights(), model.weights());
        }
    }

    @ParameterizedTest
    @MethodSource("devices")
    void aScopeOfMemory(String name) {
        try (Device device = TestDevices.open(name)) {
            Memory memory = device.memory();
            memory.close();
            uses.put("matrix", () -> memory.matrix(1, 1));
            uses.put("flat", () -> memory.flat(1));
            uses.put("ints", () -> memory.ints(1));
            uses.put("doubles", () -> memory.doubles(1));
            uses.put("a view", () -> memory.forPurpose("activations").ints(1));
            refused("this memory is closed");
            memory.close();
        }
    }

    @ParameterizedTest
    @MethodSource("devices")
    void aStopwatch(String name) {
        try (Device device = TestDevices.open(name)) {
            Stopwatch stopwatch = Stopwatch.of(device);
            stopwatch.mark();
            stopwatch.close();
            uses.put("mark", stopwatch::mark);
            uses.put("laps", stopwatch::laps);
            refused(name.startsWith("cudasim") ? "a stopwatch was used after it was closed"
                    : "this stopwatch is closed");
            stopwatch.close();
        }
    }

    /** Kept from before, and so without a look at the device: threads that have ended are not waited for. */
    @ParameterizedTest
    @MethodSource("devices")
    void anOperationOfAClosedDeviceDoesNotHang(String name) {
        Device device = TestDevices.open(name);
        Operations operations = device.operations();
        Memory memory = device.memory();
        Matrix logits = memory.matrix(300, 40);
        Ints targets = memory.ints(300);
        Doubles totals = memory.doubles(Operations.TOTALS);
        operations.crossEntropy(logits, targets, null, null, totals);
        device.close();
        if (!name.equals("reference")) {
            String closed = assertThrows(IllegalStateException.class,
                    () -> operations.crossEntropy(logits, targets, null, null, totals)).getMessage();
            assertTrue(closed.endsWith(" closed"), closed);
        }
    }
}
