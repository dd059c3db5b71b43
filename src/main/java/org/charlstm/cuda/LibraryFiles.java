package org.charlstm.cuda;

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

    private static final int CUDA_WITH_NAMED_WHEELS = 12;

    /** It comes with the kernel's module, never in a wheel. */
    private static final LibraryFinder.Wanted DRIVER =
            new LibraryFinder.Wanted(List.of("libcuda.so.1"), "CHARLSTM_LIBCUDA", "", "");
    private static final LibraryFinder.Wanted CUDNN =
            new LibraryFinder.Wanted(List.of("libcudnn.so.9"), "CHARLSTM_LIBCUDNN", "",
                    "nvidia-cudnn-cu13 (CUDA 12: nvidia-cudnn-cu12)");
    private static final LibraryFinder.Wanted NCCL =
            new LibraryFinder.Wanted(List.of("libnccl.so.2"), "CHARLSTM_LIBNCCL", "",
                    "nvidia-nccl-cu13 (CUDA 12: nvidia-nccl-cu12)");

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
     * @param majors versions of CUDA, the best first
     * @return where, or why not
     */
    public LibraryFinder.Found cublas(List<Integer> majors) {
        return find(new LibraryFinder.Wanted(sonames("libcublas.so.", majors), "CHARLSTM_LIBCUBLAS", "libcublasLt",
                wheel("nvidia-cublas", majors)));
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
     * NCCL 2.
     *
     * @return where, or why not
     */
    public LibraryFinder.Found nccl() {
        return find(NCCL);
    }

    /**
     * NVRTC.
     *
     * @param majors versions of CUDA, the best first
     * @return where, or why not
     */
    public LibraryFinder.Found nvrtc(List<Integer> majors) {
        return find(new LibraryFinder.Wanted(sonames("libnvrtc.so.", majors), "CHARLSTM_LIBNVRTC", "libnvrtc-builtins",
                wheel("nvidia-cuda-nvrtc", majors)));
    }

    /** From CUDA 13 on their names say no version. */
    private static String wheel(String name, List<Integer> majors) {
        return name + (majors.getFirst() == CUDA_WITH_NAMED_WHEELS ? "-cu" + CUDA_WITH_NAMED_WHEELS : "");
    }

    private static List<String> sonames(String start, List<Integer> majors) {
        return majors.stream().map(major -> start + major).toList();
    }

    private LibraryFinder.Found find(LibraryFinder.Wanted wanted) {
        return folder.map(place -> LibraryFinder.findIn(place, wanted)).orElseGet(() -> LibraryFinder.find(wanted));
    }
}
