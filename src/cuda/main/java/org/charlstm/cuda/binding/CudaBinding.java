package org.charlstm.cuda.binding;

import module java.base;
import org.charlstm.CharlstmException;

/** A way to call NVIDIA's libraries. A missing library is a {@link CharlstmException} with the reason. */
public interface CudaBinding {
    /** The user's name of the binding, for example {@code panama}. */
    String name();

    /**
     * Opens a library by its table.
     *
     * @param library finds the library, given the major versions of CUDA
     * @param majors  the usable versions of CUDA, the preferred first
     */
    <T extends NvidiaLibrary> T open(Class<T> table, Function<List<Integer>, LibrarySearch.Found> library,
            List<Integer> majors);

    /** Opens and starts the GPU driver. */
    default CudaDriver driver(LibrarySearch search) {
        return open(CudaDriver.class, _ -> search.driver(), List.of());
    }

    /** Opens cuBLAS of one of the major versions of CUDA, the preferred first. */
    default Cublas cublas(LibrarySearch search, List<Integer> majors) {
        return open(Cublas.class, search::cublas, majors);
    }

    /** Opens cuDNN 9. */
    default Cudnn cudnn(LibrarySearch search) {
        return open(Cudnn.class, _ -> search.cudnn(), List.of());
    }

    /** Opens NVRTC of one of the major versions of CUDA, the preferred first. */
    default Nvrtc nvrtc(LibrarySearch search, List<Integer> majors) {
        return open(Nvrtc.class, search::nvrtc, majors);
    }
}
