package org.charlstm.cuda;

import org.charlstm.cuda.binding.CudaLibraries;
import org.jspecify.annotations.Nullable;

/** NVIDIA's libraries on a GPU, each of which starts when it is first asked for. */
final class LibraryHandles {
    private final Cuda cuda;
    private final CudaLibraries libraries;
    /** Null until they are asked for. */
    private @Nullable CudaBlas blas;
    private @Nullable CudnnHandle cudnn;

    LibraryHandles(Cuda cuda, CudaLibraries libraries) {
        this.cuda = cuda;
        this.libraries = libraries;
    }

    CudaBlas blas() {
        cuda.driver();
        CudaBlas found = blas;
        if (found == null) {
            found = new CudaBlas(cuda, libraries);
            blas = found;
        }
        return found;
    }

    CudnnHandle cudnn() {
        cuda.driver();
        CudnnHandle found = cudnn;
        if (found == null) {
            found = new CudnnHandle(cuda, libraries.cudnn());
            cudnn = found;
        }
        return found;
    }

    /** Keeps nothing for a stream that ends. */
    void forget(CudaStream ending) {
        if (blas != null) {
            blas.forget(ending);
        }
        if (cudnn != null) {
            cudnn.forget();
        }
    }
}
