package org.charlstm.device.gpu;

import module java.base;
import org.charlstm.InProcesses;
import org.charlstm.circle.Sampled;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Work that never ends, or breaks the GPU: {@link EndlessCases}, in a JVM of their own with short deadlines. */
@InProcesses
@Needs(Need.SIMULATED_GPU)
@Sampled
class EndlessTest {
    @Test
    @Timeout(value = 5, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void nothingWaitsForEver(@TempDir Path folder) throws IOException, InterruptedException {
        OwnJvm.run(EndlessCases.class, folder, Map.of("CHARLSTM_DEADLINE", "0.2"));
    }
}
