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
            long start = gpu.driver().cuEventCreate(0);
            long end = driver.cuEventCreate(0);
            long untimed = driver.cuEventCreate(CudaDriver.DISABLE_TIMING);
            long memory = driver.cuMemAlloc_v2(4000);
            long before = System.nanoTime();
            driver.cuEventRecord(start, gpu.stream().handle());
            driver.cuMemsetD32Async(memory, 0, 1000, gpu.stream().handle());
            driver.cuEventRecord(end, gpu.stream().handle());
            driver.cuEventRecord(untimed, gpu.stream().handle());
            assertEquals(NOT_READY,
                    assertThrows(CudaException.class, () -> driver.cuEventElapsedTime(start, end)).status());
            driver.cuEventSynchronize(untimed);
            float milliseconds = driver.cuEventElapsedTime(start, end);
            assertTrue(milliseconds > 0 && milliseconds * 1e6 <= System.nanoTime() - before, "" + milliseconds);
            assertEquals(-milliseconds, driver.cuEventElapsedTime(end, start));
            assertEquals(INVALID_HANDLE,
                    assertThrows(CudaException.class, () -> driver.cuEventElapsedTime(start, untimed)).status());
            for (long event : new long[] {start, end, untimed}) {
                driver.cuEventDestroy_v2(event);
            }
            driver.cuMemFree_v2(memory);
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
