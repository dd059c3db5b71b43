package org.charlstm.device.cuda.panama;

import java.nio.file.Path;
import java.util.List;
import org.charlstm.CharlstmException;
import org.charlstm.device.cuda.binding.Cublas;
import org.charlstm.device.cuda.binding.CudaDriver;
import org.charlstm.device.cuda.binding.CudaLibraries;
import org.charlstm.device.cuda.binding.Cudnn;
import org.charlstm.device.cuda.binding.LibraryFinder;
import org.charlstm.device.cuda.binding.Nvrtc;

/** NVIDIA's libraries through java.lang.foreign. */
public final class PanamaLibraries implements CudaLibraries {
    /** It comes with the kernel's module, never in a wheel. */
    private static final LibraryFinder.Wanted DRIVER =
            new LibraryFinder.Wanted(List.of("libcuda.so.1"), "CHARLSTM_LIBCUDA", "", false);
    private static final int CUDA_13 = 13000;
    private static final String CUBLAS_12 = "libcublas.so.12";
    private static final String CUBLAS_13 = "libcublas.so.13";

    private final Path folder;
    private CudaDriver driver;
    private Cublas cublas;
    private Cudnn cudnn;
    private Nvrtc nvrtc;

    /** Libraries wherever they are on this machine. */
    public PanamaLibraries() {
        this(null);
    }

    /**
     * Libraries of one folder and no other place.
     *
     * @param folder where they lie, or null for wherever they are on this machine
     */
    public PanamaLibraries(Path folder) {
        this.folder = folder;
    }

    private LibraryFinder.Found find(List<String> names, String setting, String companion) {
        return find(new LibraryFinder.Wanted(names, setting, companion, true));
    }

    private LibraryFinder.Found find(LibraryFinder.Wanted wanted) {
        return folder == null ? LibraryFinder.find(wanted) : LibraryFinder.findIn(folder, wanted);
    }

    @Override
    public CudaDriver driver() {
        if (driver == null) {
            driver = new PanamaDriver(find(DRIVER));
        }
        return driver;
    }

    @Override
    public Cublas cublas() {
        if (cublas == null) {
            List<String> names = driver().version() >= CUDA_13 ? List.of(CUBLAS_13, CUBLAS_12)
                    : List.of(CUBLAS_12, CUBLAS_13);
            cublas = new PanamaCublas(find(names, "CHARLSTM_LIBCUBLAS", "libcublasLt.so"));
        }
        return cublas;
    }

    @Override
    public Cudnn cudnn() {
        if (cudnn == null) {
            openCublasFirst();
            cudnn = new PanamaCudnn(find(List.of("libcudnn.so.9"), "CHARLSTM_LIBCUDNN", ""));
        }
        return cudnn;
    }

    @Override
    public Nvrtc nvrtc() {
        if (nvrtc == null) {
            nvrtc = new PanamaNvrtc(find(PanamaNvrtc.library(driver().version())));
        }
        return nvrtc;
    }

    /** cuDNN asks the loader for cuBLAS by name, which works wherever it lies if it is open already. */
    private void openCublasFirst() {
        try {
            cublas();
        } catch (CharlstmException e) {
            // Whoever needs cuBLAS itself is told why it is missing.
            return;
        }
    }
}
