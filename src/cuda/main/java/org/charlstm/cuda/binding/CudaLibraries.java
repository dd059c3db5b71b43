package org.charlstm.cuda.binding;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.cuda.CudaException;
import org.jspecify.annotations.Nullable;

/**
 * NVIDIA's libraries through one binding. Each is looked for at the first call, which throws a
 * {@link CharlstmException} with the reason if it is not here.
 */
public final class CudaLibraries {
    /** The first CUDA that there is a cuDNN 9 for and whose functions the bindings call. */
    private static final int OLDEST_CUDA = 12;

    private final CudaBinding binding;
    private final LibrarySearch search;
    /** By their tables. */
    private final Map<Class<?>, NvidiaLibrary> opened = new HashMap<>();
    /** Null until it has been asked for. */
    @SuppressWarnings("NullableOptional")
    private @Nullable Optional<CudnnBuild> build;
    private boolean withoutCublasOfCudnn;

    /** Libraries that have not been looked for yet. */
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

    /** cuBLAS of cuDNN's CUDA; without a cuDNN, or where that is missing, of the driver's, else of an older one. */
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
     * cuDNN 9. It asks the loader by name for cuBLAS and NVRTC of its CUDA when it first needs them; these are opened
     * here, for the loader finds a library that is open wherever it lies. It is refused where one of them is missing.
     */
    public Cudnn cudnn() {
        return opened(Cudnn.class, () -> {
            Cudnn found = binding.cudnn(search);
            openNeedsOf(found);
            return found;
        });
    }

    /** Why no cuDNN serves; empty if one does. */
    public Optional<String> withoutCudnn() {
        return whyNot(this::cudnn);
    }

    /** Why a library is not here; a driver that fails is another failure. */
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
     * A warning if the GPU is newer than cuDNN: then the driver translates cuDNN's code, by NVIDIA's page on forward
     * compatibility, which takes time at the start and may not serve all of it. Empty if cuDNN does not say.
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

    /** NVRTC of the CUDA that {@link #cublas} is looked for in. */
    public Nvrtc nvrtc() {
        return opened(Nvrtc.class, () -> {
            withoutCublasOfCudnn |= whyNot(this::cublas).isPresent();
            List<Integer> ofCudnn = ofCudnn();
            return binding.nvrtc(search, ofCudnn.isEmpty() || withoutCublasOfCudnn ? all() : ofCudnn);
        });
    }

    /** NCCL 2, which brings what it needs of CUDA with it. */
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

    /** Opened at once: the loader finds a library that has been looked at by its bare name from then on. */
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
        // The algorithm that compiles itself refuses to run without NVRTC, and the others serve.
        whyNot(() -> search.nvrtc(List.of(major)));
    }

    /**
     * The CUDA and GPUs that a cuDNN was built for, which its file tells without a GPU. It is asked here for every
     * binding, before any is chosen; JCuda has no method for the second.
     *
     * @param cuda             cudnnGetCudartVersion: 1000 x major + 10 x minor
     * @param newestCapability cudnnGetMaxDeviceVersion: 100 x major + 10 x minor; empty if it does not say
     */
    record CudnnBuild(int cuda, OptionalInt newestCapability) {
        /** Asks a library that is open; empty if it does not say, and so is no cuDNN 9. */
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
