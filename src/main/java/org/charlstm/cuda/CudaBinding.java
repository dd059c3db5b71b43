package org.charlstm.cuda;

import java.util.List;
import org.charlstm.CharlstmException;

/** A way to call NVIDIA's libraries from Java. */
public interface CudaBinding {
    /**
     * The name by which a user asks for it.
     *
     * @return for example {@code panama}
     */
    String name();

    /**
     * Opens and starts the GPU driver.
     *
     * @param files where libraries are
     * @throws CharlstmException with the reason if it is not here
     */
    CudaDriver driver(LibraryFiles files);

    /**
     * Opens cuBLAS.
     *
     * @param files  where libraries are
     * @param majors the versions of CUDA that serve, the best first
     * @throws CharlstmException with the reason if it is not here
     */
    Cublas cublas(LibraryFiles files, List<Integer> majors);

    /**
     * Opens cuDNN 9.
     *
     * @param files where libraries are
     * @throws CharlstmException with the reason if it is not here
     */
    Cudnn cudnn(LibraryFiles files);

    /**
     * Opens NVRTC.
     *
     * @param files  where libraries are
     * @param majors the versions of CUDA that serve, the best first
     * @throws CharlstmException with the reason if it is not here
     */
    Nvrtc nvrtc(LibraryFiles files, List<Integer> majors);

    /**
     * Opens NCCL 2.
     *
     * @param files where libraries are
     * @throws CharlstmException with the reason if it is not here
     */
    Nccl nccl(LibraryFiles files);
}
