package org.charlstm.device.gpu;

import module java.base;
import org.charlstm.InProcesses;
import org.charlstm.circle.SecondCircle;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The kernels once more, as the PTX that nvcc made of them: {@link PtxCases}, in a JVM of their own. */
@InProcesses
@Order(1)
@Needs({Need.SIMULATED_GPU, Need.NVCC})
@Tag("long")
@SecondCircle("every case on three architectures; PtxSampleTest has some on one")
class PtxTest {
    @Test
    void everyKernelComputesTheSame(@TempDir Path folder) throws IOException, InterruptedException {
        OwnJvm.run(PtxCases.class, folder);
    }
}
