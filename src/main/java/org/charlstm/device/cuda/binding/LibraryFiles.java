package org.charlstm.device.cuda.binding;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Where NVIDIA's libraries are: wherever they are on this machine, or in one folder and no other place.
 *
 * @param folder the folder, or empty for the machine
 */
public record LibraryFiles(Optional<Path> folder) {
    /** Wherever they are on this machine. */
    public static final LibraryFiles OF_MACHINE = new LibraryFiles(Optional.empty());

    /** It comes with the kernel's module, never in a wheel. */
    private static final LibraryFinder.Wanted DRIVER =
            new LibraryFinder.Wanted(List.of("libcuda.so.1"), "CHARLSTM_LIBCUDA", "", false);
    private static final LibraryFinder.Wanted CUDNN =
            new LibraryFinder.Wanted(List.of("libcudnn.so.9"), "CHARLSTM_LIBCUDNN", "", true);
    private static final int CUDA_13 = 13000;

    /**
     * The GPU driver.
     *
     * @return where, or why not
     */
    public LibraryFinder.Found driver() {
        return find(DRIVER);
    }

    /**
     * cuBLAS.
     *
     * @param names sonames, the best first
     * @return where, or why not
     */
    public LibraryFinder.Found cublas(List<String> names) {
        return find(new LibraryFinder.Wanted(names, "CHARLSTM_LIBCUBLAS", "libcublasLt.so", true));
    }

    /**
     * cuDNN 9.
     *
     * @return where, or why not
     */
    public LibraryFinder.Found cudnn() {
        return find(CUDNN);
    }

    /**
     * NVRTC.
     *
     * @param names sonames, the best first
     * @return where, or why not
     */
    public LibraryFinder.Found nvrtc(List<String> names) {
        return find(new LibraryFinder.Wanted(names, "CHARLSTM_LIBNVRTC", "libnvrtc-builtins", true));
    }

    /**
     * The sonames of cuBLAS that a driver serves, its own CUDA's first.
     *
     * @param driverVersion 1000 x major + 10 x minor
     * @return the best first
     */
    public static List<String> cublasNames(int driverVersion) {
        List<String> names = List.of("libcublas.so.13", "libcublas.so.12");
        return driverVersion >= CUDA_13 ? names : names.reversed();
    }

    /**
     * The sonames of NVRTC that serve a driver, its own CUDA's first. One that is newer makes code that the driver may
     * not load.
     *
     * @param driverVersion 1000 x major + 10 x minor
     * @return the best first
     */
    public static List<String> nvrtcNames(int driverVersion) {
        List<String> names = List.of("libnvrtc.so.13", "libnvrtc.so.12");
        return driverVersion >= CUDA_13 ? names : names.subList(1, 2);
    }

    private LibraryFinder.Found find(LibraryFinder.Wanted wanted) {
        return folder.map(place -> LibraryFinder.findIn(place, wanted)).orElseGet(() -> LibraryFinder.find(wanted));
    }
}
