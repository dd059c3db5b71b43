package org.charlstm.device.cuda.binding;

import org.charlstm.CharlstmException;

/** NVIDIA's libraries through one binding. Each is looked for at the first call. */
public interface CudaLibraries {
    /**
     * The GPU driver.
     *
     * @return the same object always
     * @throws CharlstmException with the reason if it is not here
     */
    CudaDriver driver();

    /**
     * cuBLAS of the driver's CUDA version, else of an older one.
     *
     * @return the same object always
     * @throws CharlstmException with the reason if it is not here
     */
    Cublas cublas();

    /**
     * cuDNN 9.
     *
     * @return the same object always
     * @throws CharlstmException with the reason if it is not here
     */
    Cudnn cudnn();

    /**
     * NVRTC of the driver's CUDA version, else of an older one.
     *
     * @return the same object always
     * @throws CharlstmException with the reason if it is not here
     */
    Nvrtc nvrtc();
}
