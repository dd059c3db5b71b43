package org.charlstm.cuda.binding;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.cuda.CudaException;
import org.jspecify.annotations.Nullable;

/**
 * NVIDIA's libraries through one binding. Each library is searched at its first call, which throws a
 * {@link CharlstmException} with the reason if the library is missing.
 */
public final class CudaLibraries {
    /** The oldest CUDA version that has a cuDNN 9 and the functions of the bindings. */
    private static final int OLDEST_CUDA = 12;

    private final CudaBinding binding;
    private final LibrarySearch search;
    /** The open libraries by their tables. */
    private final Map<Class<?>, NvidiaLibrary> opened = new HashMap<>();
    /** The build of cuDNN; null until asked for. */
    @SuppressWarnings("NullableOptional")
    private @Nullable Optional<CudnnBuild> build;
    private boolean withoutCublasOfCudnn;

    /** Makes libraries without searching for any. */
    public CudaLibraries(CudaBinding binding, LibrarySearch search) {
        this.binding = binding;
        this.search = search;
    }

    /** The name of the binding. */
    public String binding() {
        return binding.name();
    }

    private synchronized <T extends NvidiaLibrary> T opened(Class<T> table, Supplier<T> open) {
        NvidiaLibrary found = opened.get(table);
        if (found == null) {
            found = open.get();
            opened.put(table, found);
        }
        return table.cast(found);
    }

    /** The GPU driver. */
    public CudaDriver driver() {
        return opened(CudaDriver.class, () -> binding.driver(search));
    }

    /**
     * cuBLAS of cuDNN's CUDA version; without cuDNN or that cuBLAS, of the driver's version, else of an older version.
     */
    public Cublas cublas() {
        return opened(Cublas.class, () -> {
            List<Integer> ofCudnn = ofCudnn();
            return ofCudnn.isEmpty() ? binding.cublas(search, all()) : cublasOf(ofCudnn);
        });
    }

    /** cuBLASLt of {@link #cublas}. */
    public CublasLt cublasLt() {
        return opened(CublasLt.class, () -> binding.open(CublasLt.class,
                majors -> search.cublasLt(cublas().place(), majors.getFirst()), List.of(cublas().major())));
    }

    /**
     * cuDNN 9. When cuDNN first needs cuBLAS or NVRTC of its CUDA version, it asks the loader by name. Both are opened
     * here first, since the loader then finds them wherever they lie. Refuses cuDNN without its cuBLAS.
     */
    public Cudnn cudnn() {
        return opened(Cudnn.class, () -> {
            Cudnn found = binding.cudnn(search);
            openNeedsOf(found);
            return found;
        });
    }

    /** Why cuDNN cannot be used; empty if it can. */
    public Optional<String> withoutCudnn() {
        return whyNot(this::cudnn);
    }

    /** Why a library is missing; empty if it is found. Throws a failure of the driver. */
    private static Optional<String> whyNot(Supplier<?> library) {
        try {
            Object _ = library.get();
            return Optional.empty();
        } catch (CudaException e) {
            throw e;
        } catch (CharlstmException e) {
            return Optional.of(e.getMessage());
        }
    }

    /**
     * A warning if the GPU is newer than cuDNN. By NVIDIA's page on forward compatibility, the driver then translates
     * cuDNN's code, which slows the start and may not work for all code. Empty if cuDNN does not tell its GPUs.
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

    /** NVRTC of the CUDA version in which {@link #cublas} is looked for. */
    public Nvrtc nvrtc() {
        return opened(Nvrtc.class, () -> {
            withoutCublasOfCudnn |= whyNot(this::cublas).isPresent();
            List<Integer> ofCudnn = ofCudnn();
            return binding.nvrtc(search, ofCudnn.isEmpty() || withoutCublasOfCudnn ? all() : ofCudnn);
        });
    }

    /** NCCL 2, which contains its own CUDA runtime. */
    public Nccl nccl() {
        return opened(Nccl.class, () -> binding.open(Nccl.class, _ -> search.nccl(), List.of()));
    }

    /** The build of cuDNN; empty without one. */
    private Optional<CudnnBuild> build() {
        if (build == null) {
            try {
                build = CudnnBuild.of(search.cudnn().symbols());
            } catch (CharlstmException e) {
                build = Optional.empty();
            }
        }
        return build;
    }

    /**
     * The major CUDA version of cuDNN, which runs with no other version; empty without cuDNN or with an older driver.
     */
    private List<Integer> ofCudnn() {
        int newest = newest();
        return build().map(CudnnBuild::cudaMajor).filter(major -> major <= newest).map(List::of).orElse(List.of());
    }

    private int newest() {
        return Math.max(OLDEST_CUDA, driver().version() / 1000);
    }

    /** The major CUDA versions that the driver supports, the newest first. */
    private List<Integer> all() {
        return IntStream.rangeClosed(OLDEST_CUDA, newest()).boxed().toList().reversed();
    }

    /** Opens cuBLAS at once, since the loader then finds the open library by its bare name. */
    private Cublas cublasOf(List<Integer> ofCudnn) {
        try {
            return binding.cublas(search, ofCudnn);
        } catch (CudaException e) {
            throw e;
        } catch (CharlstmException e) {
            withoutCublasOfCudnn = true;
            return binding.cublas(search, all());
        }
    }

    private void openNeedsOf(Cudnn opened) {
        int major = build().orElseThrow(() -> new CharlstmException(opened.place()
                + " does not tell which CUDA it was built for; install cuDNN 9")).cudaMajor();
        String what = opened.place() + " is cuDNN " + opened.versionText() + " for CUDA " + major;
        if (major > driver().version() / 1000) {
            throw new CharlstmException(what + ", newer than the GPU driver's CUDA "
                    + CudaDriver.versionText(driver().version()) + "; update the driver, or pip install nvidia-cudnn-cu"
                    + driver().version() / 1000);
        }
        String withLstms = "libcudnn_adv.so.9";
        if (LibrarySearch.lacksBeside(opened.place(), "libcudnn_", withLstms)) {
            throw new CharlstmException(what + ", whose LSTMs are in " + withLstms + ", and that is not beside it; "
                    + "install all of cuDNN: pip install --force-reinstall nvidia-cudnn-cu" + major);
        }
        LibrarySearch.Found found;
        try {
            found = search.cublas(List.of(major));
        } catch (CharlstmException e) {
            throw new CharlstmException(what + " and needs its cuBLAS: " + e.getMessage(), e);
        }
        if (!LibrarySearch.opens("libcublas.so." + major)) {
            throw new CharlstmException(what + " and asks for libcublas.so." + major + ", and " + found.place()
                    + " is another version");
        }
        // Without NVRTC only the algorithm that compiles itself is unavailable.
        whyNot(() -> search.nvrtc(List.of(major)));
    }

    /**
     * The CUDA version and GPUs that a cuDNN was built for, which cuDNN tells without a GPU. This asks cuDNN without a
     * binding, since no binding is chosen yet and JCuda lacks cudnnGetMaxDeviceVersion.
     *
     * @param cuda             cudnnGetCudartVersion: 1000 x major + 10 x minor
     * @param newestCapability cudnnGetMaxDeviceVersion: 100 x major + 10 x minor; empty without that function
     */
    record CudnnBuild(int cuda, OptionalInt newestCapability) {
        /** Asks an open library; empty if the library is no cuDNN 9, without cudnnGetCudartVersion. */
        static Optional<CudnnBuild> of(SymbolLookup symbols) {
            OptionalInt cuda = ask(symbols, "cudnnGetCudartVersion");
            return cuda.isEmpty() ? Optional.empty()
                    : Optional.of(new CudnnBuild(cuda.getAsInt(), ask(symbols, "cudnnGetMaxDeviceVersion")));
        }

        int cudaMajor() {
            return cuda / 1000;
        }

        @SuppressWarnings("restricted")
        private static OptionalInt ask(SymbolLookup symbols, String function) {
            MethodHandle handle = symbols.find(function).map(address -> Linker.nativeLinker().downcallHandle(address,
                    FunctionDescriptor.of(ValueLayout.JAVA_LONG))).orElse(null);
            if (handle == null) {
                return OptionalInt.empty();
            }
            try {
                return OptionalInt.of((int) (long) handle.invokeExact());
            } catch (Throwable e) {
                throw new IllegalStateException(function + " cannot be called", e);
            }
        }
    }
}
