package org.charlstm.cuda;

import org.charlstm.cuda.binding.CudaLibraries;
import org.jspecify.annotations.Nullable;

/** NVIDIA's libraries on a GPU. Each library starts when first asked for. */
final class LibraryHandles {
    private final Cuda cuda;
    private final CudaLibraries libraries;
    /** Each is null until asked for. */
    private @Nullable CudaBlas blas;
    private @Nullable CudnnHandle cudnn;

    LibraryHandles(Cuda cuda, CudaLibraries libraries) {
        this.cuda = cuda;
        this.libraries = libraries;
    }

    CudaBlas blas() {
        cuda.driver();
        if (blas == null) {
            blas = new CudaBlas(cuda, libraries);
        }
        return blas;
    }

    CudnnHandle cudnn() {
        cuda.driver();
        if (cudnn == null) {
            cudnn = new CudnnHandle(cuda, libraries.cudnn());
        }
        return cudnn;
    }

    /** Drops the libraries' state of a stream that is being closed. */
    void forget(CudaStream ending) {
        if (blas != null) {
            blas.forget(ending);
        }
        if (cudnn != null) {
            cudnn.forget();
        }
    }
}
