package org.charlstm.device.gpu.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;

import module java.base;
import org.charlstm.cuda.Cuda;
import org.charlstm.cuda.FakeDriver;
import org.junit.jupiter.api.Test;

/** Waits have a limit, until work waits for other processes. */
class GpuContextTest {
    @Test
    void workThatWaitsForOthersMayTakeForEver() {
        List<String> calls = new ArrayList<>();
        try (Cuda cuda = FakeDriver.gpu((call, _) -> calls.add(call));
                GpuContext context = new GpuContext(cuda, Duration.ofSeconds(1))) {
            calls.clear();
            cuda.synchronize();
            assertEquals(List.of("done"), calls);
            context.waitsForOthers();
            calls.clear();
            cuda.synchronize();
            assertEquals(List.of("cuStreamSynchronize"), calls);
        }
    }
}
