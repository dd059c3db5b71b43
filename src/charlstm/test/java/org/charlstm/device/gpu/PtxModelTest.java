package org.charlstm.device.gpu;

import java.util.Set;
import org.charlstm.circle.SecondCircle;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.charlstm.selftest.models.ModelSelfTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A whole model whose kernels are the PTX that nvcc made of them. */
@Needs({Need.SIMULATED_GPU, Need.NVCC})
@Tag("long")
@SecondCircle("a model of kernels as PTX; PtxSampleTest has each kernel, ModelsContractTest models of kernels as C++")
class PtxModelTest {
    @Test
    void lossAndGradientsAreTheOracles() {
        PtxCases.requireChecked(ModelSelfTest::checks, Set.of("loss and gradients"));
    }
}
