package org.charlstm.cuda.binding;

import java.util.List;
import org.charlstm.CharlstmException;

/** A way to call NVIDIA's libraries from Java. */
public interface CudaBinding {
    /** The name by which a user asks for it, for example {@code panama}. */
    String name();

    /**
     * Opens and starts the GPU driver.
     *
     * @throws CharlstmException with the reason if it is not here
     */
    CudaDriver driver(LibrarySearch search);

    /**
     * Opens cuBLAS.
     *
     * @param majors the versions of CUDA that serve, the best first
     * @throws CharlstmException with the reason if it is not here
     */
    Cublas cublas(LibrarySearch search, List<Integer> majors);

    /**
     * Opens cuBLASLt, which comes with a cuBLAS.
     *
     * @throws CharlstmException with the reason if it is not here
     */
    CublasLt cublasLt(LibrarySearch search, Cublas of);

    /**
     * Opens cuDNN 9.
     *
     * @throws CharlstmException with the reason if it is not here
     */
    Cudnn cudnn(LibrarySearch search);

    /**
     * Opens NVRTC.
     *
     * @param majors the versions of CUDA that serve, the best first
     * @throws CharlstmException with the reason if it is not here
     */
    Nvrtc nvrtc(LibrarySearch search, List<Integer> majors);

    /**
     * Opens NCCL 2.
     *
     * @throws CharlstmException with the reason if it is not here
     */
    Nccl nccl(LibrarySearch search);
}
