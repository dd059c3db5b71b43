package org.charlstm.device.gpu;

import module java.base;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Some of {@link PtxCases} in this JVM: each kernel as the PTX that nvcc made of it for one architecture. */
@Needs({Need.SIMULATED_GPU, Need.NVCC})
class PtxSampleTest {
    @Test
    void aCaseOfEachTestOfKernelsPassesByPtx() {
        PtxCases.requireOfEachTestACase();
    }

    @ParameterizedTest
    @EnumSource(names = {"NO_BARRIER", "OPERATION"})
    void aMistakeInATextIsFound(PtxCases.Mistake mistake, @TempDir Path spoilt) throws IOException {
        PtxCases.requireFound(mistake, spoilt);
    }
}
