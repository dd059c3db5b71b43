package org.charlstm.cuda;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.charlstm.CharlstmException;
import org.jspecify.annotations.Nullable;

/** NVIDIA's libraries through one binding. Each is looked for at the first call. */
public final class CudaLibraries {
    /** The first CUDA that there is a cuDNN 9 for and whose functions the bindings call. */
    private static final int OLDEST_CUDA = 12;

    private final CudaBinding binding;
    private final LibraryFiles files;
    /** Each null until it has opened. */
    private @Nullable CudaDriver driver;
    private @Nullable Cublas cublas;
    private @Nullable Cudnn cudnn;
    private @Nullable Nvrtc nvrtc;
    private @Nullable Nccl nccl;
    private Optional<CudnnBuild> build = Optional.empty();
    private boolean withoutCublasOfCudnn;
    private boolean askedForBuild;

    /**
     * Libraries that nobody has looked for yet.
     *
     * @param files   where they are
     */
    public CudaLibraries(CudaBinding binding, LibraryFiles files) {
        this.binding = binding;
        this.files = files;
    }

    /** How they are called. */
    public String binding() {
        return binding.name();
    }

    /**
     * The GPU driver.
     *
     * @throws CharlstmException with the reason if it is not here
     */
    public synchronized CudaDriver driver() {
        if (driver == null) {
            driver = binding.driver(files);
        }
        return driver;
    }

    /**
     * cuBLAS of cuDNN's CUDA; without a cuDNN, or where that is missing, of the driver's, else of an older one.
     *
     * @throws CharlstmException with the reason if it is not here
     */
    public synchronized Cublas cublas() {
        if (cublas == null) {
            List<Integer> ofCudnn = ofCudnn();
            cublas = ofCudnn.isEmpty() ? binding.cublas(files, all()) : cublasOf(ofCudnn);
        }
        return cublas;
    }

    /**
     * cuDNN 9, for which cuBLAS and NVRTC of its CUDA are open: it asks the loader for them by name when it first needs
     * them, and finds them wherever they lie if they are open already.
     *
     * @throws CharlstmException with the reason if it is not here, or cannot run without what is not here
     */
    public synchronized Cudnn cudnn() {
        if (cudnn == null) {
            Cudnn opened = binding.cudnn(files);
            openFor(opened);
            cudnn = opened;
        }
        return cudnn;
    }

    /**
     * Why there is no cuDNN that serves; then own kernels do.
     *
     * @return the reason; empty if there is one
     * @throws CudaException if the driver fails
     */
    public Optional<String> withoutCudnn() {
        try {
            cudnn();
            return Optional.empty();
        } catch (CudaException e) {
            throw e;
        } catch (CharlstmException e) {
            return Optional.of(e.getMessage());
        }
    }

    /**
     * What is to be said of a GPU that is newer than cuDNN, if it is: then cuDNN has the driver translate its code, by
     * NVIDIA's page on its forward compatibility, which takes time at the start and may not serve all of it.
     *
     * @param capability the GPU's, for example 90
     * @return what is so and what to do; empty for a GPU that it knows, if it does not say, or if there is none
     */
    public synchronized Optional<String> newerThanCudnn(int capability) {
        if (withoutCudnn().isPresent()) {
            return Optional.empty();
        }
        Cudnn found = cudnn();
        OptionalInt newest = build().orElseThrow().newestCapability();
        if (newest.isEmpty() || newest.getAsInt() / 100 >= capability / 10) {
            return Optional.empty();
        }
        return Optional.of(String.format(Locale.ROOT, "%s is cuDNN %s, which has code for compute capabilities up to "
                + "%d.%d, and this GPU has %d.%d: it is slow to start, and may fail; install a newer one (pip install "
                + "--upgrade nvidia-cudnn-cu%d)", found.place(), found.versionText(), newest.getAsInt() / 100,
                newest.getAsInt() / 10 % 10, capability / 10, capability % 10, build().orElseThrow().cudaMajor()));
    }

    /**
     * NVRTC of the CUDA that {@link #cublas} is looked for in.
     *
     * @throws CharlstmException with the reason if it is not here
     */
    public synchronized Nvrtc nvrtc() {
        if (nvrtc == null) {
            try {
                cublas();
            } catch (CudaException e) {
                throw e;
            } catch (CharlstmException e) {
                withoutCublasOfCudnn = true;
            }
            List<Integer> ofCudnn = ofCudnn();
            nvrtc = binding.nvrtc(files, ofCudnn.isEmpty() || withoutCublasOfCudnn ? all() : ofCudnn);
        }
        return nvrtc;
    }

    /**
     * NCCL 2, which brings what it needs of CUDA with it.
     *
     * @throws CharlstmException with the reason if it is not here
     */
    public synchronized Nccl nccl() {
        if (nccl == null) {
            nccl = binding.nccl(files);
        }
        return nccl;
    }

    /** What cuDNN was built for; empty if there is none. */
    private Optional<CudnnBuild> build() {
        if (!askedForBuild) {
            build = Optional.ofNullable(files.cudnn().symbols()).flatMap(CudnnBuild::of);
            askedForBuild = true;
        }
        return build;
    }

    /** The CUDA of cuDNN, which runs with no other; none without a cuDNN, or where the driver is older. */
    private List<Integer> ofCudnn() {
        int newest = newest();
        return build().map(CudnnBuild::cudaMajor).filter(major -> major <= newest).map(List::of).orElse(List.of());
    }

    private int newest() {
        return Math.max(OLDEST_CUDA, driver().version() / 1000);
    }

    /** Every CUDA that the driver serves, the best first. */
    private List<Integer> all() {
        return IntStream.rangeClosed(OLDEST_CUDA, newest()).boxed().toList().reversed();
    }

    /** Opened at once: a library that has been looked at is found by its bare name from then on. */
    private Cublas cublasOf(List<Integer> ofCudnn) {
        try {
            return binding.cublas(files, ofCudnn);
        } catch (CudaException e) {
            throw e;
        } catch (CharlstmException e) {
            withoutCublasOfCudnn = true;
            return binding.cublas(files, all());
        }
    }

    private void openFor(Cudnn opened) {
        int major = build().orElseThrow(() -> new CharlstmException(opened.place()
                + " does not tell which CUDA it was built for; install cuDNN 9")).cudaMajor();
        String what = opened.place() + " is cuDNN " + opened.versionText() + " for CUDA " + major;
        if (major > driver().version() / 1000) {
            throw new CharlstmException(what + ", newer than the GPU driver's CUDA "
                    + CudaVersion.text(driver().version()) + "; update the driver, or pip install nvidia-cudnn-cu"
                    + driver().version() / 1000);
        }
        LibraryFinder.missingBeside(opened.place(), "libcudnn_", "libcudnn_adv.so.9").ifPresent(sibling -> {
            throw new CharlstmException(what + ", whose LSTMs are in " + sibling + ", and that is not beside it; "
                    + "install all of cuDNN: pip install --force-reinstall nvidia-cudnn-cu" + major);
        });
        LibraryFinder.Found found = files.cublas(List.of(major));
        if (found.symbols() == null) {
            throw new CharlstmException(what + " and needs its cuBLAS: " + found.reason());
        }
        if (!LibraryFinder.opens("libcublas.so." + major)) {
            throw new CharlstmException(what + " and asks for libcublas.so." + major + ", and " + found.place()
                    + " is another version");
        }
        // One of its algorithms compiles itself; where that cannot be, it says so and the others serve.
        files.nvrtc(List.of(major));
    }
}
