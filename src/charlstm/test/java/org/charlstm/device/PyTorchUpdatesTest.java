package org.charlstm.device;

import static org.junit.jupiter.api.Assertions.assertEquals;

import module java.base;
import org.charlstm.Agreement;
import org.charlstm.device.UpdateRule.Adam;
import org.charlstm.device.UpdateRule.RmsProp;
import org.charlstm.device.UpdateRule.Sgd;
import org.charlstm.nn.Tensor;
import org.charlstm.selftest.TrialMemory;
import org.charlstm.train.Schedule;
import org.charlstm.train.TrainingOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Ten steps of each update rule, clipped gradients and schedules against PyTorch's in float64. The numbers were written
 * by {@code src/charlstm/test/python/updates.py}.
 */
class PyTorchUpdatesTest {
    private static final int STEPS = 10;
    private static final int EPOCHS = 7;
    private static final int UPDATES = 4;
    private static final Map<String, UpdateRule> RULES = Map.of("rmsprop", RmsProp.KERAS, "rmsprop_decay",
            new RmsProp(0.8, 1e-4, 0.1), "sgd", Sgd.KERAS, "sgd_decay", new Sgd(0, false, 0.1), "momentum",
            new Sgd(0.9, false, 0), "nesterov", new Sgd(0.8, true, 0.1), "adam", Adam.KERAS, "adam_decay",
            new Adam(0.8, 0.95, 1e-3, 0.1, false), "adamw", new Adam(0.9, 0.999, 1e-7, 0.1, true));
    private static final Map<String, Tensor> PYTORCH = PyTorchGates.read("updates");

    private static double[] values(String name) {
        return PYTORCH.get(name).values();
    }

    static Stream<Arguments> devices() {
        return Stream.concat(Stream.of(Arguments.of("reference", 1e-12)),
                TestDevices.once(TestDevices.all()).map(device -> Arguments.of(device, 2e-6)));
    }

    /** Factors in device memory before the first step, as they are in a recorded one. */
    @ParameterizedTest
    @MethodSource("devices")
    void rulesAgreeWithPyTorch(String name, double tolerance) {
        double[] gradients = values("gradients");
        double[] rates = values("rates");
        int n = gradients.length / STEPS;
        assertEquals(RULES.size(), PYTORCH.keySet().stream().filter(tensor -> tensor.startsWith("rules/")).count());
        try (Device device = TestDevices.open(name); TrialMemory scope = new TrialMemory(device)) {
            RULES.forEach((title, rule) -> {
                Matrix weights = scope.flat(values("weights"));
                List<Matrix> states = rule.states().stream().map(state -> scope.flat(new double[n])).toList();
                int each = rule.factors(1, 1).length;
                double[] all = new double[each * STEPS];
                for (int i = 0; i < STEPS; i++) {
                    System.arraycopy(rule.factors(rates[i], i + 1), 0, all, each * i, each);
                }
                Doubles factors = scope.memory().doubles(all.length);
                factors.write(all);
                Ints step = scope.ints(0);
                for (int i = 0; i < STEPS; i++) {
                    scope.operations().update(rule, weights,
                            scope.flat(Arrays.copyOfRange(gradients, i * n, (i + 1) * n)), states, factors, step);
                    scope.operations().add(step, 1);
                    Agreement.require(title + ", step " + (i + 1), Arrays.copyOfRange(values("rules/" + title), i * n,
                            (i + 1) * n), weights.read(), tolerance);
                }
            });
        }
    }

    /** PyTorch adds 1e-6 to the norm that it divides by. */
    @ParameterizedTest
    @MethodSource("devices")
    void clippedGradientsAgreeWithPyTorch(String name, double tolerance) {
        double[] all = values("gradients");
        double[] gradients = Arrays.copyOf(all, all.length / STEPS);
        try (Device device = TestDevices.open(name); TrialMemory scope = new TrialMemory(device)) {
            Doubles norms = scope.memory().doubles(4);
            Matrix scaled = scope.flat(gradients);
            scope.operations().clip(scaled, 0.75, Double.POSITIVE_INFINITY, norms);
            Agreement.require("norm", values("clip/norm"), scaled.read(), 2e-6);
            Matrix bounded = scope.flat(gradients);
            scope.operations().clip(bounded, Double.POSITIVE_INFINITY, 0.5, norms);
            Agreement.require("value", values("clip/value"), bounded.read(), tolerance);
        }
    }

    private static double[] rates(TrainingOptions options, int every) {
        return IntStream.range(0, EPOCHS * UPDATES / every).mapToDouble(i -> options
                .rate(Schedule.Course.BEGIN, (long) i * every, UPDATES)).toArray();
    }

    @Test
    void schedulesAgreeWithPyTorch() {
        TrainingOptions options = new TrainingOptions(1, 0.5, 1, true);
        Agreement.require("step", values("schedules/step"),
                rates(options.schedule(new Schedule.Step(0.5, 2), 0), UPDATES), 1e-12);
        Agreement.require("exponential", values("schedules/exponential"),
                rates(options.schedule(new Schedule.Exponential(0.8, 1), 0), UPDATES), 1e-12);
        Agreement.require("cosine", values("schedules/cosine"),
                rates(options.schedule(new Schedule.Cosine(EPOCHS, 0), 0), 1), 1e-12);
        Agreement.require("cosine after a warm-up", values("schedules/warm"),
                rates(options.schedule(new Schedule.Cosine(EPOCHS, 0.025), 6), 1), 1e-12);
    }
}
