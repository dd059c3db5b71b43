package org.charlstm.device.gpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.circle.Circle;
import org.charlstm.circle.SecondCircle;
import org.charlstm.cuda.CudaException;
import org.charlstm.cuda.Gpus;
import org.charlstm.cuda.SimulatedGpu;
import org.charlstm.device.Activation;
import org.charlstm.device.Device;
import org.charlstm.device.DeviceSetting;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.charlstm.nn.DenseLayer;
import org.charlstm.nn.DropoutLayer;
import org.charlstm.nn.Initializer;
import org.charlstm.nn.Model;
import org.charlstm.nn.ModelConfig;
import org.charlstm.nn.Models;
import org.charlstm.nn.RecurrentLayer;
import org.charlstm.sample.Sampler;
import org.charlstm.sample.SamplingOptions;
import org.charlstm.text.Captions;
import org.charlstm.text.Corpus;
import org.charlstm.train.EpochListener;
import org.charlstm.train.Trainer;
import org.charlstm.train.TrainingOptions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A training from the opening of the device to its end, in which one call or one allocation fails: each in turn.
 * The failure is one line that names the call, and nothing is left over on the device.
 */
@Tag("long")
@Needs(Need.SIMULATED_GPU)
class FaultCases {
    private static final String FAULTS = "CHARLSTM_SIM_FAULTS";
    /** A step that cannot be recorded runs call by call. More in a row than a step has are calls never made. */
    private static final int HARMLESS_IN_A_ROW = 80;
    private static final int KNOWN_IN_A_ROW = 8;
    /** A sample that begins later could take no call at all. */
    private static final int FEWER_THAN_ALL = 100;
    /** Prime, so that of what repeats itself every call comes up. */
    private static final int LEAP = 13;
    private static final int STEPS_OF_LEAP = 5;
    private static final Corpus CORPUS = Corpus.encode(Captions.of(List.of("abc", "ca", "b")));

    @BeforeEach
    void open() {
        Gpu.open().close();
    }

    @AfterEach
    void reset() {
        SimulatedGpu.set(FAULTS, null);
    }

    static List<String> bindings() {
        return Gpus.BINDINGS;
    }

    /** Two batch shapes, each run call by call, recorded and replayed, and the weights read back. */
    private static void train(String binding, String algorithm) {
        ModelConfig config = Models.of(CORPUS.vocabulary().size(), 4, 3);
        try (Device device =
                new GpuDevice("cudasim", Gpus.installation(Gpus.libraries(binding)), Gpu.running(algorithm),
                        algorithm.equals("auto") ? SmallTraining::hurried : null);
                Model model = new Model(device, Initializer.keras(config, 1));
                Trainer trainer = new Trainer(model, CORPUS, new TrainingOptions(2, 0.01, 1, true))) {
            for (int epoch = 0; epoch < 3; epoch++) {
                trainer.epoch(EpochListener.NONE);
            }
            model.weights();
        }
    }

    private static void trainAndWrite(String binding) {
        ModelConfig config =
                ModelConfig.of(CORPUS.vocabulary().size(), List.of(new RecurrentLayer(4), new RecurrentLayer(4),
                        new DropoutLayer(0.2), new RecurrentLayer(3), new DenseLayer(3, Activation.RELU)));
        try (Device device =
                new GpuDevice("cudasim", Gpus.installation(Gpus.libraries(binding)), Gpu.running("fused"), null);
                Model model = new Model(device, Initializer.keras(config, 1))) {
            try (Trainer trainer = new Trainer(model, CORPUS, new TrainingOptions(2, 0.01, 1, true))) {
                for (int epoch = 0; epoch < 3; epoch++) {
                    trainer.epoch(EpochListener.NONE);
                }
            }
            SamplingOptions options = SamplingOptions.DEFAULT.maxLength(6).topK(3);
            new Sampler(model, CORPUS.vocabulary(), options).sentences(3);
            new Sampler(model, CORPUS.vocabulary(), options.prime("a")).sentences(1);
        }
    }

    /** Returns the failure, or null if the training went through. */
    private static CharlstmException failureOf(String binding, String algorithm, String fault) {
        return failureOf(fault, () -> train(binding, algorithm));
    }

    private static CharlstmException failureOf(String fault, Runnable work) {
        SimulatedGpu.set(FAULTS, fault);
        try {
            work.run();
            return null;
        } catch (CharlstmException e) {
            return e;
        }
    }

    private static void requireClear(String fault, CharlstmException failure) {
        String message = failure.getMessage();
        assertTrue(failure instanceof CudaException || failure.getCause() instanceof CharlstmException,
                fault + ": " + failure);
        assertEquals(1, message.lines().count(), message);
        assertTrue(message.matches("(cuDNN has no .*)?cu[A-Za-z_0-9]+ failed with status [0-9]+ \\(CU[A-Z_]+.*\\).*"),
                fault + ": " + message);
        assertEquals(0, SimulatedGpu.live(), fault + " leaves something over after: " + message);
    }

    /**
     * Makes one call after the other fail; returns how many places of the program were reached so. While calls come
     * from places that have failed before, as where kernels are loaded, it takes some of them; where a new place shows,
     * it goes back to those it left out.
     */
    private static int failEveryCall(int step, Runnable work) {
        Set<List<String>> places = new HashSet<>();
        int known = 0;
        int inARow = 0;
        for (int n = 1 + (int) (Circle.SEED % Math.min(step, FEWER_THAN_ALL)); inARow < HARMLESS_IN_A_ROW;) {
            int stride = known < KNOWN_IN_A_ROW ? step : Math.max(LEAP, STEPS_OF_LEAP * step);
            CharlstmException failure = failureOf("fail:" + n, work);
            if (failure == null) {
                inARow += stride;
                known++;
                assertEquals(0, SimulatedGpu.live(), "fail:" + n);
            } else {
                inARow = 0;
                requireClear("fail:" + n, failure);
                known = places.add(placeOf(failure)) ? 0 : known + 1;
                if (known == 0 && stride > step) {
                    n -= stride;
                    stride = step;
                }
            }
            n += stride;
        }
        return places.size();
    }

    /** The call and all that led to it. */
    private static List<String> placeOf(Throwable failure) {
        Throwable first = failure;
        while (first.getCause() != null) {
            first = first.getCause();
        }
        return Stream.of(first.getStackTrace()).map(StackTraceElement::toString)
                .filter(frame -> frame.contains("org.charlstm.")).toList();
    }

    /** Everything through the first, some through the others, whose calls are the same. The first circle samples. */
    private static int step(String binding) {
        return (binding.equals(Gpus.BINDINGS.getFirst()) ? 1 : 11) * (Circle.first() ? 80 : 1);
    }

    @ParameterizedTest
    @MethodSource("bindings")
    void everyCallThatFailsIsNamedAndEverythingIsReleased(String binding) {
        int step = step(binding);
        int places = failEveryCall(step, () -> train(binding, "standard"));
        assertTrue(places > 100 / step, "only " + places + " places of calls were made to fail");
    }

    @ParameterizedTest
    @MethodSource("bindings")
    void everyAllocationThatFailsIsNamedAndEverythingIsReleased(String binding) {
        int step = step(binding);
        int faults = 0;
        boolean failed = true;
        for (int n = 1 + (int) (Circle.SEED % Math.min(step, 20)); failed; n += step) {
            CharlstmException failure = failureOf(binding, "standard", "oom:" + n);
            failed = failure != null;
            if (failure != null) {
                faults++;
                requireClear("oom:" + n, failure);
                if (failure.getMessage().startsWith("cuMemHostAlloc")) {
                    assertTrue(failure.getMessage().contains("1.0 MiB of pinned host memory cannot be had; free some "),
                            failure.getMessage());
                    continue;
                }
                boolean corpus = failure.getMessage().contains("iB for corpus ");
                assertTrue(failure.getMessage().startsWith("cuMemAlloc")
                        && DeviceSetting.mending(failure)
                                .contains(corpus ? DeviceSetting.CORPUS : DeviceSetting.BATCH_SIZE),
                        failure.getMessage());
                assertTrue(failure.getMessage().matches(".*; [0-9.]+ [KM]iB for [a-zA-Z0-9 -]+ do not fit beside the "
                        + "[0-9.]+ [KM]iB of other buffers; [0-9.]+ MiB are free; " + (corpus
                                ? "take less of the text.*" : "free what is not needed, or take less at a time")),
                        failure.getMessage());
            }
        }
        assertTrue(faults > 20 / step, "only " + faults + " allocations were made to fail");
    }

    /** Own fused kernels, a graph whose branches overlap, several layers, a model that writes; some calls of many. */
    @Test
    void everyCallThatFailsInOwnEnginesAndInSamplingIsNamedToo() {
        String binding = Gpus.BINDINGS.getFirst();
        int step = Integer.getInteger("charlstm.fault.step", Circle.first() ? 400 : 13);
        int places = failEveryCall(step, () -> trainAndWrite(binding));
        assertTrue(places > 200 / step, "only " + places + " places of calls were made to fail");
    }

    /** A call that fails while algorithms compete takes one of them out, and leaks nothing. Some calls of many. */
    @Test
    @SecondCircle("calls of engines that compete; everyCallThatFailsIsNamedAndEverythingIsReleased takes those of one")
    void whatFailsOnTrialEndsNoTraining() {
        String binding = Gpus.BINDINGS.getFirst();
        int harmless = 0;
        for (int n = 1; n < 1800; n += 83) {
            CharlstmException failure = failureOf(binding, "auto", "fail:" + n);
            if (failure == null) {
                harmless++;
                assertEquals(0, SimulatedGpu.live());
            } else {
                requireClear("fail:" + n, failure);
            }
        }
        assertTrue(harmless > 3, "only " + harmless + " calls were harmless");
        long before = SimulatedGpu.count(SimulatedGpu.Counter.ALLOCATIONS_EVER);
        assertEquals(null, failureOf(binding, "auto", null));
        long allocations = SimulatedGpu.count(SimulatedGpu.Counter.ALLOCATIONS_EVER) - before;
        int fewer = 0;
        for (int n = 1; n <= allocations; n += 9) {
            fewer += failureOf(binding, "auto", "oom:" + n) == null ? 1 : 0;
            assertEquals(0, SimulatedGpu.live());
        }
        assertTrue(fewer > 0, "only " + fewer + " allocations were harmless");
    }

    @ParameterizedTest
    @MethodSource("bindings")
    void withoutAFaultNothingIsLeft(String binding) {
        assertEquals(null, failureOf(binding, "auto", null));
        assertEquals(0, SimulatedGpu.live());
    }
}
