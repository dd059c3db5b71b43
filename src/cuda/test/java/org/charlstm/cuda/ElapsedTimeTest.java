package org.charlstm.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.charlstm.cuda.SimulatedGpu;
import org.charlstm.cuda.binding.CudaDriver;
import org.charlstm.cuda.binding.CudaLibraries;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The time between two events, through each binding. */
@Needs(Need.SIMULATED_GPU)
class ElapsedTimeTest {
    private static final String STREAMS = "CHARLSTM_SIM_STREAMS";
    private static final int INVALID_HANDLE = 400;
    private static final int NOT_READY = 600;

    @AfterEach
    void reset() {
        SimulatedGpu.set(STREAMS, null);
    }

    /** One way it is some time, the other way as much before; events without time, or still to come, have none. */
    @ParameterizedTest
    @ValueSource(strings = {"panama", "jcuda"})
    void isWhatTheDriverSays(String binding) {
        Gpus.open().close();
        SimulatedGpu.set(STREAMS, "deferred");
        CudaLibraries libraries = Gpus.libraries(binding);
        CudaDriver driver = libraries.driver();
        try (Cuda gpu = new Cuda(libraries, 0)) {
            long start = gpu.driver().createEvent(0);
            long end = driver.createEvent(0);
            long untimed = driver.createEvent(CudaDriver.DISABLE_TIMING);
            long memory = driver.allocate(4000);
            long before = System.nanoTime();
            driver.recordEvent(start, gpu.stream().handle());
            driver.fill(memory, 0, 1000, gpu.stream().handle());
            driver.recordEvent(end, gpu.stream().handle());
            driver.recordEvent(untimed, gpu.stream().handle());
            assertEquals(NOT_READY, assertThrows(CudaException.class, () -> driver.elapsedTime(start, end)).status());
            driver.awaitEvent(untimed);
            float milliseconds = driver.elapsedTime(start, end);
            assertTrue(milliseconds > 0 && milliseconds * 1e6 <= System.nanoTime() - before, "" + milliseconds);
            assertEquals(-milliseconds, driver.elapsedTime(end, start));
            assertEquals(INVALID_HANDLE,
                    assertThrows(CudaException.class, () -> driver.elapsedTime(start, untimed)).status());
            for (long event : new long[] {start, end, untimed}) {
                driver.destroyEvent(event);
            }
            driver.free(memory);
        }
    }

    @Test
    void aStopwatchUsesItsEventsAgainAndLeavesNone() {
        try (Cuda gpu = Gpus.open()) {
            long before = SimulatedGpu.live();
            try (CudaStopwatch stopwatch = gpu.newStopwatch()) {
                for (int round = 0; round < 3; round++) {
                    for (int i = 0; i < 4; i++) {
                        stopwatch.mark();
                    }
                    assertEquals(3, stopwatch.laps().length);
                }
                assertEquals(before + 4, SimulatedGpu.live());
            }
            assertEquals(before, SimulatedGpu.live());
        }
    }
}
