package org.charlstm.cuda;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.cuda.binding.CacheFolder;
import org.charlstm.cuda.binding.CudaDriver;
import org.charlstm.cuda.binding.CudaLibraries;
import org.charlstm.cuda.binding.CudaProcess;
import org.charlstm.cuda.binding.Cudnn;
import org.charlstm.cuda.binding.KernelCompiler;
import org.charlstm.cuda.binding.LibrarySearch;
import org.charlstm.cuda.binding.Nccl;
import org.charlstm.cuda.panama.PanamaCalls;

/**
 * NVIDIA's libraries on this machine, as a binding finds them; no GPU is opened. It serves programs that list or choose
 * libraries. Each library opens at its first call, which throws a {@link CharlstmException} with the reason if the
 * library is missing.
 */
public final class CudaInstallation {
    private final CudaLibraries libraries;

    CudaInstallation(CudaLibraries libraries) {
        this.libraries = libraries;
    }

    /**
     * A library that is open.
     *
     * @param version the library's own number: 13000 for a driver or NVRTC of CUDA 13.0, 91300 for cuDNN 9.13.0
     * @param text    the version as people write it
     * @param place   the library's file, or its soname if the file is unknown
     */
    public record Library(long version, String text, String place) {
        @Override
        public String toString() {
            return text + ", " + place;
        }
    }

    /**
     * The libraries that a program with these options would use; opens the driver.
     *
     * @throws CharlstmException if there is no driver, or the process uses another driver
     */
    public static CudaInstallation of(CudaOptions options) {
        return new CudaInstallation(Objects.requireNonNull(options, "the choice of a GPU is null").libraries());
    }

    /**
     * The cache folder, which need not exist, by the environment's {@code CHARLSTM_CACHE} or else by the XDG base
     * directory specification; empty if the environment names none.
     */
    public static Optional<Path> cache(Map<String, String> environment) {
        return CacheFolder.of(environment);
    }

    /** The bindings, the preferred one first. */
    public static List<Binding> bindings() {
        return CudaProcess.bindings();
    }

    /** A version of CUDA as people write it, for example 13.0 for 13000. */
    public static String versionText(int version) {
        return CudaDriver.versionText(version);
    }

    /** NCCL 2; needs no GPU driver. */
    public static Library nccl() {
        return library(PanamaCalls.open(Nccl.class, LibrarySearch.OF_MACHINE.nccl()));
    }

    private static Library library(Nccl nccl) {
        return new Library(nccl.version(), nccl.versionText(), nccl.place());
    }

    /** NCCL 2, for the GPUs of this installation. */
    public Library ncclOfGpus() {
        return library(libraries.nccl());
    }

    /** The name of the binding. */
    public String binding() {
        return libraries.binding();
    }

    /** The GPU driver. */
    public Library driver() {
        CudaDriver driver = libraries.driver();
        return new Library(driver.version(), CudaDriver.versionText(driver.version()), driver.place());
    }

    /**
     * cuBLAS of cuDNN's CUDA version; without cuDNN or that cuBLAS, of the driver's version, else of an older version.
     */
    public Library cublas() {
        return new Library(0, libraries.cublas().version(), libraries.cublas().place());
    }

    /** cuDNN 9. */
    public Library cudnn() {
        Cudnn cudnn = libraries.cudnn();
        return new Library(cudnn.cudnnGetVersion(), cudnn.versionText(), cudnn.place());
    }

    /** Why cuDNN cannot be used; empty if it can. */
    public Optional<String> withoutCudnn() {
        return libraries.withoutCudnn();
    }

    /**
     * A warning with advice if a GPU of this compute capability, such as 90, is newer than cuDNN, which is then slow to
     * start and may fail. Empty if cuDNN knows the GPU, does not tell, or is missing.
     */
    public Optional<String> newerThanCudnn(int capability) {
        return libraries.newerThanCudnn(capability);
    }

    /** NVRTC of the CUDA version in which {@link #cublas} is looked for. */
    public Library nvrtc() {
        int version = libraries.nvrtc().version();
        return new Library(version, CudaDriver.versionText(version), libraries.nvrtc().place());
    }

    /** One line on how a simulated GPU runs source texts; empty for NVIDIA's own NVRTC. */
    public Optional<String> textMode() {
        return libraries.nvrtc().mode();
    }

    /**
     * One line on how texts are compiled for a GPU: the NVRTC, and the folder of the machine code.
     *
     * @param capability the GPU's, for example 90
     * @throws CharlstmException if NVRTC is missing, or does not fit this driver
     */
    public String compiler(int capability) {
        return KernelCompiler.of(libraries, capability).describe();
    }

    /** All GPUs that the driver sees; none is opened. */
    public List<CudaProperties> gpus() {
        CudaDriver driver = libraries.driver();
        return IntStream.range(0, driver.cuDeviceGetCount()).mapToObj(i -> CudaProperties.of(driver, i)).toList();
    }

    /**
     * Opens GPU {@code number}, from 0, without a check of threads: platform and virtual threads may use it. The owner
     * must keep threads apart.
     */
    public Cuda lend(int number) {
        return new Cuda(libraries, number, true);
    }

    CudaLibraries libraries() {
        return libraries;
    }
}
