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
 * NVIDIA's libraries on this machine as a binding finds them, without a GPU open: for programs that say what is here,
 * and choose. Each library opens at its first call, which throws a {@link CharlstmException} with the reason where it
 * is not here.
 */
public final class CudaInstallation {
    private final CudaLibraries libraries;

    CudaInstallation(CudaLibraries libraries) {
        this.libraries = libraries;
    }

    /**
     * A library that is open.
     *
     * @param version as the library tells it: 13000 of the driver and NVRTC for CUDA 13.0, 91300 of cuDNN for 9.13.0
     * @param text    the version as people write it
     * @param place   its file, or its soname where the file is unknown
     */
    public record Library(long version, String text, String place) {
        @Override
        public String toString() {
            return text + ", " + place;
        }
    }

    /**
     * The libraries that a program with these options would use, the driver among them open.
     *
     * @throws CharlstmException if there is no driver, or the process uses another
     */
    public static CudaInstallation of(CudaOptions options) {
        return new CudaInstallation(Objects.requireNonNull(options, "the choice of a GPU is null").libraries());
    }

    /**
     * The folder of what can be made again, whether it is there or not, by an environment's {@code CHARLSTM_CACHE}, or
     * else by the XDG base directory specification; empty where it names none.
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

    /** NCCL 2, which needs no GPU driver to tell its version. */
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

    /** cuBLAS of cuDNN's CUDA; without a cuDNN, or where that is missing, of the driver's, else of an older one. */
    public Library cublas() {
        return new Library(0, libraries.cublas().version(), libraries.cublas().place());
    }

    /** cuDNN 9. */
    public Library cudnn() {
        Cudnn cudnn = libraries.cudnn();
        return new Library(cudnn.cudnnGetVersion(), cudnn.versionText(), cudnn.place());
    }

    /** Why no cuDNN serves; empty if one does. */
    public Optional<String> withoutCudnn() {
        return libraries.withoutCudnn();
    }

    /**
     * A warning if a GPU of a capability, such as 90, is newer than cuDNN, which is then slow to start and may fail:
     * what is so and what to do. Empty for a GPU that cuDNN knows, if it does not say, or without a cuDNN.
     */
    public Optional<String> newerThanCudnn(int capability) {
        return libraries.newerThanCudnn(capability);
    }

    /** NVRTC of the CUDA that {@link #cublas} is looked for in. */
    public Library nvrtc() {
        int version = libraries.nvrtc().version();
        return new Library(version, CudaDriver.versionText(version), libraries.nvrtc().place());
    }

    /** How texts run on a simulated GPU, in a line; empty for NVIDIA's own NVRTC. */
    public Optional<String> textMode() {
        return libraries.nvrtc().mode();
    }

    /**
     * How texts are compiled for a GPU, in a line: by which NVRTC, and where the machine code is kept.
     *
     * @param capability the GPU's, for example 90
     * @throws CharlstmException if NVRTC is not here, or does not serve this driver
     */
    public String compiler(int capability) {
        return KernelCompiler.of(libraries, capability).describe();
    }

    /** All GPUs that the driver sees, none of them opened. */
    public List<CudaProperties> gpus() {
        CudaDriver driver = libraries.driver();
        return IntStream.range(0, driver.cuDeviceGetCount()).mapToObj(i -> CudaProperties.of(driver, i)).toList();
    }

    /**
     * Opens a GPU, by its number from 0, whose owner lends it to one thread at a time, of any kind, and keeps threads
     * apart by itself: no thread is refused.
     */
    public Cuda lend(int number) {
        return new Cuda(libraries, number, true);
    }

    CudaLibraries libraries() {
        return libraries;
    }
}
