package org.charlstm.cuda.binding;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.cuda.NativeLibrary;
import org.jspecify.annotations.Nullable;

/**
 * Finds and opens NVIDIA's libraries and MPI's. If an environment variable names a file, no other is tried. Otherwise
 * the search goes through the caller's folders, the loader's path, the usual folders, and Python wheels.
 *
 * @param only the only folder to search, or empty for all places of this machine
 */
public record LibrarySearch(Optional<Path> only) {
    /** All places of this machine. */
    public static final LibrarySearch OF_MACHINE = new LibrarySearch(Optional.empty());

    private static final List<Path> USUAL_FOLDERS = Stream.of("/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu",
            "/usr/lib64", "/usr/lib/wsl/lib", "/usr/local/cuda/lib64", "/usr/local/cuda/targets/x86_64-linux/lib",
            "/usr/local/nvidia/lib64", "/opt/cuda/lib64", "/usr/lib64/openmpi/lib", "/usr/lib64/mpich/lib")
            .map(Path::of).toList();
    /** The CUDA version whose wheels have it in their names; from CUDA 13 on most wheels' names have no version. */
    private static final int CUDA_WITH_NAMED_WHEELS = 12;

    /** The driver comes with the kernel module, never in a wheel. */
    private static final Wanted DRIVER = new Wanted(List.of("libcuda.so.1"), "CHARLSTM_LIBCUDA", "", "");
    private static final Wanted CUDNN = new Wanted(List.of("libcudnn.so.9"), "CHARLSTM_LIBCUDNN", "",
            "nvidia-cudnn-cu13 (CUDA 12: nvidia-cudnn-cu12)");
    private static final Wanted NCCL = new Wanted(List.of("libnccl.so.2"), "CHARLSTM_LIBNCCL", "",
            "nvidia-nccl-cu13 (CUDA 12: nvidia-nccl-cu12)");

    /**
     * A library to look for.
     *
     * @param names     sonames, the preferred first, for example {@code libcuda.so.1}
     * @param setting   the environment variable that may name the library's file, for example {@code CHARLSTM_LIBCUDA}
     * @param companion the prefix of files beside the library to open before it, since the loader does not find them
     *                  for a library opened by its path; empty for none
     * @param wheel     the Python wheel with the library; empty for none
     */
    public record Wanted(List<String> names, String setting, String companion, String wheel) {
        private static Wanted ofCuda(String name, List<Integer> majors, String setting, String companion,
                String wheel) {
            return new Wanted(majors.stream().map(major -> name + ".so." + major).toList(), setting, companion,
                    wheel + (majors.getFirst() == CUDA_WITH_NAMED_WHEELS ? "-cu" + CUDA_WITH_NAMED_WHEELS : ""));
        }
    }

    /** An open library with its file, or its soname if the file is unknown. */
    public record Found(SymbolLookup symbols, String place) {
    }

    /** Opens the GPU driver. Like all these methods, throws the reason if the library is missing. */
    public Found driver() {
        return find(DRIVER);
    }

    /** Opens cuBLAS of one of the major versions of CUDA, the preferred first. */
    public Found cublas(List<Integer> majors) {
        return find(Wanted.ofCuda("libcublas", majors, "CHARLSTM_LIBCUBLAS", "libcublasLt", "nvidia-cublas"));
    }

    /** Opens the cuBLASLt beside a cuBLAS of this major version. */
    public Found cublasLt(String placeOfCublas, int major) {
        Wanted wanted = Wanted.ofCuda("libcublasLt", List.of(major), "CHARLSTM_LIBCUBLASLT", "", "nvidia-cublas");
        Path folder = Path.of(placeOfCublas).getParent();
        return only.isPresent() || folder == null ? find(wanted) : find(wanted, List.of(folder));
    }

    /** Opens cuDNN 9. */
    public Found cudnn() {
        return find(CUDNN);
    }

    /** Opens NVRTC of one of the major versions of CUDA, the preferred first. */
    public Found nvrtc(List<Integer> majors) {
        return find(Wanted.ofCuda("libnvrtc", majors, "CHARLSTM_LIBNVRTC", "libnvrtc-builtins", "nvidia-cuda-nvrtc"));
    }

    /** Opens NCCL 2. */
    public Found nccl() {
        return find(NCCL);
    }

    private Found find(Wanted wanted) {
        // cuBLAS reads this variable as it starts. Otherwise cuDNN's handles may get workspaces of two sizes, and
        // results differ in bits.
        NativeLibrary.setEnvironmentIfMissing("CUBLAS_WORKSPACE_CONFIG", ":4096:2");
        if (only.isEmpty()) {
            return find(wanted, List.of());
        }
        List<Path> files = wanted.names.stream().map(only.get()::resolve).toList();
        return open(files.stream().filter(Files::exists).findFirst().orElse(files.getFirst()), wanted, "");
    }

    /** Finds a library in all places of this machine; searches the folders {@code first} before the loader's path. */
    public static Found find(Wanted wanted, List<Path> first) {
        String explicit = System.getenv(wanted.setting);
        if (explicit != null && !explicit.isEmpty()) {
            return open(path(wanted.setting, explicit), wanted, wanted.setting + ": ");
        }
        List<Path> broken = new ArrayList<>();
        boolean inWheels = !wanted.wheel.isEmpty();
        return inFolders(first, wanted, new ArrayList<>()).or(() -> onLoadersPath(wanted))
                .or(() -> inFolders(USUAL_FOLDERS, wanted, broken))
                .or(() -> inFolders(inWheels ? PythonWheels.here().told() : List.of(), wanted, broken))
                .or(() -> inFolders(inWheels ? PythonWheels.here().asked() : List.of(), wanted, broken))
                .orElseThrow(() -> new CharlstmException(broken.isEmpty()
                        ? "no " + String.join(" or ", wanted.names) + " on the loader's path" + (inWheels
                                ? ", in the usual CUDA folders or among Python's wheels"
                                        + PythonWheels.here().reservation() + "; pip install " + wanted.wheel + ", or "
                                : " or in the usual folders; ") + "set " + wanted.setting + " to its file"
                        : broken.getFirst() + " cannot be opened; a library that it needs may be missing (see ldd)"));
    }

    /**
     * The path in a user's setting.
     *
     * @throws CharlstmException if the value cannot be a path, such as non-ASCII letters in an ASCII locale
     */
    public static Path path(String setting, String value) {
        try {
            return Path.of(value);
        } catch (InvalidPathException e) {
            throw new CharlstmException(setting + " names no path that can be used in this locale; set LC_ALL=C.UTF-8",
                    e);
        }
    }

    /** The first library that opens; adds files that do not open to {@code broken}. */
    private static Optional<Found> inFolders(List<Path> folders, Wanted wanted, List<Path> broken) {
        for (String name : wanted.names) {
            for (Path file : folders.stream().map(folder -> folder.resolve(name)).filter(Files::exists).toList()) {
                Optional<Found> found = openFile(file, wanted);
                if (found.isPresent()) {
                    return found;
                }
                broken.add(file);
            }
        }
        return Optional.empty();
    }

    private static Optional<Found> onLoadersPath(Wanted wanted) {
        return wanted.names.stream().flatMap(name -> load(name).map(symbols -> new Found(symbols, placeOf(name)))
                .stream()).findFirst();
    }

    private static Found open(Path file, Wanted wanted, String namedBy) {
        return openFile(file, wanted).orElseThrow(() -> new CharlstmException(
                namedBy + file + (Files.exists(file) ? " cannot be opened" : " does not exist")));
    }

    private static Optional<Found> openFile(Path file, Wanted wanted) {
        if (!wanted.companion.isEmpty()) {
            matching(file.toAbsolutePath().getParent(), wanted.companion).forEach(beside -> load(beside.toString()));
        }
        return load(file.toString()).map(symbols -> new Found(symbols, file.toString()));
    }

    @SuppressWarnings("restricted")
    private static Optional<SymbolLookup> load(String name) {
        try {
            return Optional.of(SymbolLookup.libraryLookup(name, Arena.global()));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** Whether the loader finds a library by its soname; it also finds a library that is open already. */
    public static boolean opens(String soname) {
        return load(soname).isPresent();
    }

    /**
     * The file that the loader opened, from Linux' list of the process' mapped files, whose names have full versions.
     */
    private static String placeOf(String soname) {
        String name = soname.substring(0, soname.indexOf(".so") + 3);
        try (Stream<String> lines = Files.lines(Path.of("/proc/self/maps"))) {
            return lines.filter(line -> line.contains("/")).map(line -> line.substring(line.indexOf('/')))
                    .filter(path -> Path.of(path).getFileName().toString().startsWith(name)).findFirst().orElse(soname);
        } catch (IOException e) {
            return soname;
        }
    }

    /** Whether a part of a library is missing although other parts with the prefix lie beside the library. */
    static boolean lacksBeside(String place, String prefix, String part) {
        List<Path> parts = matching(Path.of(place).toAbsolutePath().getParent(), prefix);
        return !parts.isEmpty() && parts.stream().noneMatch(file -> file.endsWith(part)) && !opens(part);
    }

    /** The path of a text; empty if the text cannot be a path in this locale. */
    static Stream<Path> possible(String path) {
        try {
            return Stream.of(Path.of(path));
        } catch (InvalidPathException e) {
            return Stream.empty();
        }
    }

    /** A path without links; empty if no file is there. */
    static Stream<Path> real(Path path) {
        try {
            return Stream.of(path.toRealPath());
        } catch (IOException e) {
            return Stream.empty();
        }
    }

    /** The sorted files of a folder with a prefix; empty if the folder cannot be read. */
    static List<Path> matching(@Nullable Path folder, String prefix) {
        if (folder == null || !Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.getFileName().toString().startsWith(prefix)).sorted().toList();
        } catch (IOException e) {
            return List.of();
        }
    }
}
