package org.charlstm.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import jcuda.driver.JCudaDriver;
import jcuda.jcublas.JCublas2;
import jcuda.jcudnn.JCudnn;
import jcuda.nvrtc.JNvrtc;
import org.charlstm.cuda.binding.CudaLibraries;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.junit.jupiter.api.Test;

/** A program that shares the process may have asked JCuda for exceptions: statuses are read all the same. */
@Needs({Need.SIMULATED_GPU, Need.JCUDA, Need.SIMULATED_NVRTC})
class JcudaExceptionsTest {
    private static final long NO_HANDLE = 12345;

    @Test
    void statusesAreReadWhateverTheProgramAskedFor() {
        Gpus.open().close();
        Gpus.libraries("jcuda").nvrtc();
        JCudaDriver.setExceptionsEnabled(true);
        JCublas2.setExceptionsEnabled(true);
        JCudnn.setExceptionsEnabled(true);
        JNvrtc.setExceptionsEnabled(true);
        CudaLibraries libraries = Gpus.libraries("jcuda");
        assertEquals("CUDA_ERROR_INVALID_DEVICE",
                assertThrows(CudaException.class, () -> libraries.driver().cuDeviceGet(9999)).statusName());
        assertThrows(CudaException.class, () -> libraries.cublas().cublasSetMathMode(NO_HANDLE, 0));
        assertThrows(CudaException.class, () -> libraries.cudnn().cudnnSetStream(NO_HANDLE, 0));
        assertThrows(CompilationException.class, () -> libraries.nvrtc().compile(
                CudaSource.of("some.cu", "\n#error not here\n"), List.of("--gpu-architecture=sm_90")));
    }
}
