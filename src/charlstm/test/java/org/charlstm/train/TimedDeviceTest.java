package org.charlstm.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.device.Device;
import org.charlstm.device.Memory;
import org.charlstm.device.TestDevices;
import org.charlstm.device.gpu.Gpu;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.charlstm.nn.Initializer;
import org.charlstm.nn.Model;
import org.charlstm.nn.Models;
import org.charlstm.nn.Weights;
import org.charlstm.text.Captions;
import org.charlstm.text.Corpus;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A device that times what it passes on computes the same, and misses no operation. */
class TimedDeviceTest {
    private static final List<String> STEP = List.of("gather", "add", "lstm forward", "dense 8x4 forward",
            "dense 4xV forward", "crossEntropy", "dense 4xV backward", "dense 8x4 backward", "lstm backward",
            "clip", "rmsProp");
    private static final List<String> WITH_HEAD =
            List.of("gather", "add", "lstm forward", "head run", "head finish", "lstm backward", "clip", "rmsProp");
    private static final Corpus CORPUS =
            Corpus.encode(Captions.of(List.of("a cat", "a dog", "two cats", "the sun", "a bus")));

    private final TrainingOptions options = new TrainingOptions(2, 0.01, 1, true);
    private final Weights weights = Initializer.keras(Models.of(CORPUS.vocabulary().size(), 8, 4), 1);

    static Stream<String> devices() {
        return TestDevices.all();
    }

    private static void requireTheStep(String device, List<OperationTime> times) {
        List<String> names = device.equals("cpu") ? WITH_HEAD : STEP;
        assertEquals(names.stream().map(name -> name.replace("V", "" + CORPUS.vocabulary().size())).toList(),
                times.stream().map(OperationTime::name).toList());
        assertTrue(times.stream().allMatch(time -> time.seconds() >= 0 && time.seconds() < 36_000), times.toString());
    }

    private double loss(Device device) {
        try (Model model = new Model(device, weights); Trainer trainer = new Trainer(model, CORPUS, options)) {
            trainer.epoch(EpochListener.NONE);
            return trainer.epoch(EpochListener.NONE).loss();
        }
    }

    @ParameterizedTest
    @MethodSource("devices")
    void computesTheSame(String name) {
        try (Device device = TestDevices.open(name); TimedDevice timed = new TimedDevice(device)) {
            assertEquals(loss(device), loss(timed));
            requireTheStep(name, timed.laps());
            assertEquals(List.of(), timed.laps());
        }
    }

    @ParameterizedTest
    @MethodSource("devices")
    void everyOperationOfAStepHasItsTime(String name) {
        try (Device device = TestDevices.open(name)) {
            requireTheStep(name, OperationTime.ofStep(device, weights, CORPUS, options));
        }
    }

    /** Steps of different lengths are not mixed: of those that most are, the longest. */
    @Test
    void theCommonestStepsAreTimed() {
        assertEquals(9, OperationTime.mostCommon(List.of(6L, 9L, 3L, 9L, 6L, 12L)));
        assertEquals(6, OperationTime.mostCommon(List.of(6L, 9L, 6L)));
        try (Device device = TestDevices.open("reference")) {
            for (int batches : new int[] {1, 2}) {
                TrainingOptions buckets = options.padding(PaddingMode.BUCKET).accumulate(batches);
                assertTrue(OperationTime.ofStep(device, weights, CORPUS, buckets).size() >= STEP.size());
            }
        }
    }

    @Test
    @Needs(Need.SIMULATED_GPU)
    void aHeadAsOneHasItsTime() {
        Gpu.open().close();
        try (Device device = Gpu.device(Gpu.running("fused"))) {
            assertEquals(WITH_HEAD, OperationTime.ofStep(device, weights, CORPUS, options).stream()
                    .map(OperationTime::name).toList());
        }
    }

    /** Each launch by itself, and under the operation's name what is left of it, such as products. */
    @Test
    @Needs(Need.SIMULATED_GPU)
    void kernelsHaveTimesOfTheirOwnWhereTheyAreAskedFor() {
        Gpu.open().close();
        try (Device device = Gpu.device(Gpu.running("fused"));
                TimedDevice timed = new TimedDevice(device, true)) {
            assertEquals(loss(device), loss(timed));
            List<OperationTime> times = timed.laps();
            assertTrue(times.stream().allMatch(time -> time.seconds() >= 0 && time.seconds() < 36_000),
                    times.toString());
            List<String> names = times.stream().map(OperationTime::name).toList();
            for (String name : List.of("gather: gather", "lstm forward: lstm_fused_forward",
                    "lstm backward: lstm_fused_backward", "head run: head", "rmsProp: rms_prop", "lstm backward")) {
                assertTrue(names.contains(name), name + " is not among " + names);
            }
            assertEquals(List.of(), timed.laps());
        }
    }

    @ParameterizedTest
    @MethodSource("devices")
    void passesOnWhatTheDeviceThrows(String name) {
        try (Device device = TestDevices.open(name);
                TimedDevice timed = new TimedDevice(device);
                Memory memory = timed.memory()) {
            assertThrows(IllegalArgumentException.class, () -> timed.operations().append(memory.ints(2),
                    memory.ints(1), memory.ints(3)));
        }
    }
}
