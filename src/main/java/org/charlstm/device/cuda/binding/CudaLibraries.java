package org.charlstm.device.cuda.binding;

import org.charlstm.CharlstmException;

/** NVIDIA's libraries through one binding. Each is looked for at the first call. */
public final class CudaLibraries {
    private final CudaBinding binding;
    private final LibraryFiles files;
    private CudaDriver driver;
    private Cublas cublas;
    private Cudnn cudnn;
    private Nvrtc nvrtc;

    /**
     * Libraries that nobody has looked for yet.
     *
     * @param binding how they are called
     * @param files   where they are
     */
    public CudaLibraries(CudaBinding binding, LibraryFiles files) {
        this.binding = binding;
        this.files = files;
    }

    /**
     * How they are called.
     *
     * @return the binding's name
     */
    public String binding() {
        return binding.name();
    }

    /**
     * The GPU driver.
     *
     * @return the same object always
     * @throws CharlstmException with the reason if it is not here
     */
    public synchronized CudaDriver driver() {
        if (driver == null) {
            driver = binding.driver(files);
        }
        return driver;
    }

    /**
     * cuBLAS of the driver's CUDA version, else of another one.
     *
     * @return the same object always
     * @throws CharlstmException with the reason if it is not here
     */
    public synchronized Cublas cublas() {
        if (cublas == null) {
            cublas = binding.cublas(files, driver().version());
        }
        return cublas;
    }

    /**
     * cuDNN 9.
     *
     * @return the same object always
     * @throws CharlstmException with the reason if it is not here
     */
    public synchronized Cudnn cudnn() {
        if (cudnn == null) {
            openCublasFirst();
            cudnn = binding.cudnn(files);
        }
        return cudnn;
    }

    /**
     * NVRTC of the driver's CUDA version, else of an older one.
     *
     * @return the same object always
     * @throws CharlstmException with the reason if it is not here
     */
    public synchronized Nvrtc nvrtc() {
        if (nvrtc == null) {
            nvrtc = binding.nvrtc(files, driver().version());
        }
        return nvrtc;
    }

    /** cuDNN asks the loader for cuBLAS by name, which works wherever it lies if it is open already. */
    private void openCublasFirst() {
        try {
            // cuDNN was built for the driver's CUDA, whichever of cuBLAS the binding calls.
            files.cublas(LibraryFiles.cublasNames(driver().version()));
            cublas();
        } catch (CharlstmException e) {
            // Whoever needs cuBLAS itself is told why it is missing.
            return;
        }
    }
}
