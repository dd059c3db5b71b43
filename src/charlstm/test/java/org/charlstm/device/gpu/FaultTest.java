package org.charlstm.device.gpu;

import module java.base;
import org.charlstm.InProcesses;
import org.charlstm.circle.Sampled;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every call that fails is named, and leaves nothing over: {@link FaultCases}, in a JVM of their own. */
@InProcesses
@Order(2)
@Needs(Need.SIMULATED_GPU)
@Tag("long")
@Sampled
class FaultTest {
    @Test
    void everyCallThatFailsIsNamed(@TempDir Path folder) throws IOException, InterruptedException {
        OwnJvm.run(FaultCases.class, folder);
    }
}
