package org.charlstm.cuda;

import java.util.List;
import java.util.Map;

/**
 * NVIDIA's compiler of kernels at run time. Every method throws {@link CudaException} when NVRTC reports a status other
 * than 0.
 */
public interface Nvrtc {
    /** Which file serves. */
    String place();

    /**
     * nvrtcVersion.
     *
     * @return 1000 x major + 10 x minor, as of the driver
     */
    int version();

    /**
     * nvrtcCompileProgram, and all that goes with it.
     *
     * @param source  a text in CUDA C++
     * @param name    what the compiler calls it
     * @param headers what it includes, by name
     * @param options the compiler's; {@code --gpu-architecture} has to name a real architecture, {@code sm_}
     * @return a CUBIN: machine code for that architecture
     * @throws CompilationException if it does not compile, with the compiler's log
     */
    byte[] compile(String source, String name, Map<String, String> headers, List<String> options);
}
