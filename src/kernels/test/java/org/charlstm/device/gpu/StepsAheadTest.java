package org.charlstm.device.gpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.cuda.FakeDriver;
import org.charlstm.device.gpu.tools.GpuContext;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How far the host runs ahead of a GPU whose steps take a given time; the host itself takes none. */
class StepsAheadTest {
    /** On the GPU: when the step that an event was recorded behind will be done. */
    private final Map<Object, Long> doneAt = new HashMap<>();
    private long now;
    private long busyUntil;
    private long nanosAStep;

    private final GpuContext context = new GpuContext(FakeDriver.gpu((call, arguments) -> {
        if (call.equals("cuEventRecord")) {
            busyUntil = Math.max(busyUntil, now) + nanosAStep;
            doneAt.put(arguments[0], busyUntil);
        } else if (call.equals("passed")) {
            now = Math.max(now, doneAt.get(arguments[0]));
        }
    }));

    /** A fifth of a second, but at least a step and at most as many as there are events. */
    @ParameterizedTest
    @CsvSource({"1000, 1", "200, 1", "100, 2", "10, 20", "4, 50", "1, 63", "0.01, 63"})
    void staysAFifthOfASecondAhead(double milliseconds, int steps) {
        nanosAStep = (long) (milliseconds * 1e6);
        try (CapturedStep.StepsAhead ahead = new CapturedStep.StepsAhead(context, () -> now)) {
            for (int i = 0; i < 500; i++) {
                ahead.step();
                assertTrue(busyUntil - now <= Math.max(0.2e9, (double) nanosAStep) + nanosAStep,
                        "too far ahead in step " + i);
            }
            assertEquals(steps, (busyUntil - now) / nanosAStep);
        }
    }

    /** After steps that took long come short ones: it runs farther ahead again. */
    @ParameterizedTest
    @CsvSource({"100, 10, 20", "10, 100, 2"})
    void followsAChange(int before, int after, int steps) {
        try (CapturedStep.StepsAhead ahead = new CapturedStep.StepsAhead(context, () -> now)) {
            nanosAStep = before * 1_000_000L;
            for (int i = 0; i < 200; i++) {
                ahead.step();
            }
            nanosAStep = after * 1_000_000L;
            for (int i = 0; i < 200; i++) {
                ahead.step();
            }
            assertEquals(steps, (busyUntil - now) / nanosAStep);
        }
    }
}
