package org.charlstm.cuda.binding;

import module java.base;
import org.charlstm.cuda.CudaSource;

/**
 * CUDA's own headers for texts that include them, such as {@code cuda_fp16.h}, {@code cooperative_groups.h} and the
 * headers of {@code cub}. They are found beside NVRTC, in a toolkit, or in NVIDIA's Python wheels.
 *
 * @param folders include folders; empty if a text needs none, or no headers are found
 * @param version the headers' CUDA version, 13000 for CUDA 13.0, or 0
 */
record CudaHeaders(List<Path> folders, int version) {
    static final CudaHeaders NONE = new CudaHeaders(List.of(), 0);

    private static final Pattern INCLUDE = Pattern.compile("^[ \t]*#[ \t]*include[ \t]*[<\"]([^>\"]+)[>\"]",
            Pattern.MULTILINE);
    private static final Pattern VERSION = Pattern.compile("#define\\s+CUDART_VERSION\\s+(\\d+)");
    private static final String NAMES_VERSION = "cuda_runtime_api.h";

    /** The headers that a source includes without providing them. */
    static Set<String> missing(CudaSource source) {
        return Stream.concat(Stream.of(source.text()), source.headers().values().stream())
                .flatMap(text -> INCLUDE.matcher(text).results()).map(found -> found.group(1))
                .filter(name -> !source.headers().containsKey(name))
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    /**
     * The headers of the first place that has a header of {@code names}; a place with NVRTC's CUDA version is
     * preferred.
     *
     * @param nvrtc the file of NVRTC
     */
    static CudaHeaders of(Set<String> names, int version, Path nvrtc, Map<String, String> environment) {
        List<CudaHeaders> found = names.isEmpty() ? List.of()
                : places(nvrtc, environment).map(place -> place.stream().flatMap(CudaHeaders::withCccl).toList())
                        .filter(place -> names.stream()
                                .anyMatch(name -> place.stream().anyMatch(folder -> isIn(folder, name))))
                        .map(place -> new CudaHeaders(place, version(place))).filter(place -> place.version > 0)
                        .toList();
        return found.stream().filter(each -> each.version / 1000 == version / 1000).findFirst()
                .or(() -> found.stream().findFirst()).orElse(NONE);
    }

    private static boolean isIn(Path folder, String name) {
        try {
            return Files.isRegularFile(folder.resolve(name));
        } catch (InvalidPathException e) {
            return false;
        }
    }

    /** The places in the order of the search, each with its include folders. */
    private static Stream<List<Path>> places(Path nvrtc, Map<String, String> environment) {
        Stream<Path> beside = Stream.of(nvrtc).flatMap(LibrarySearch::real).map(Path::getParent);
        Stream<Path> named = Stream.of("CUDA_HOME", "CUDA_PATH").map(name -> environment.getOrDefault(name, ""))
                .filter(folder -> !folder.isEmpty()).flatMap(LibrarySearch::possible).map(root -> root.resolve("lib"));
        Stream<Path> ofCompiler = Stream.of(environment.getOrDefault("PATH", "").split(":", 0))
                .filter(folder -> !folder.isEmpty()).flatMap(LibrarySearch::possible)
                .map(folder -> folder.resolve("nvcc")).flatMap(LibrarySearch::real).map(Path::getParent);
        Stream<Path> usual = Stream.of("/usr/local/cuda/lib64", "/opt/cuda/lib64", "/usr/lib").map(Path::of);
        Supplier<Stream<Path>> wheels = () -> PythonWheels.here().told().stream();
        // A toolkit or a wheel has include beside lib; CUDA 12 spreads its headers over several wheels side by side.
        return Stream.of(beside, named, ofCompiler, usual, Stream.of(wheels).flatMap(Supplier::get))
                .flatMap(each -> each).map(CudaHeaders::together).filter(place -> !place.isEmpty()).distinct();
    }

    private static List<Path> together(Path lib) {
        Path root = lib.getParent();
        if (root == null) {
            return List.of();
        }
        Path above = root.getParent();
        boolean wheel = above != null && above.endsWith("nvidia");
        List<Path> roots = wheel ? LibrarySearch.matching(above, "") : List.of(root);
        return roots.stream().map(each -> each.resolve("include")).filter(Files::isDirectory).toList();
    }

    private static Stream<Path> withCccl(Path include) {
        return Stream.of(include, include.resolve("cccl")).filter(Files::isDirectory);
    }

    private static int version(List<Path> place) {
        return place.stream().mapToInt(CudaHeaders::version).filter(version -> version > 0).findFirst().orElse(0);
    }

    private static int version(Path folder) {
        try {
            Matcher found = VERSION.matcher(Files.readString(folder.resolve(NAMES_VERSION),
                    StandardCharsets.ISO_8859_1));
            return found.find() ? Integer.parseInt(found.group(1)) : 0;
        } catch (IOException e) {
            return 0;
        }
    }

    /** The compiler's options for these folders. */
    List<String> options() {
        return folders.stream().map(folder -> "--include-path=" + folder).toList();
    }

    /** Advice if a header is missing, or the headers are of another CUDA version; or empty. */
    String advice(int nvrtc, Set<String> names, String log) {
        String major = nvrtc / 1000 == 12 ? "-cu12" : "";
        if (folders.isEmpty() && names.stream().anyMatch(name -> log.contains("\"" + name + "\""))) {
            return "; where that is CUDA's, install the CUDA toolkit and set CUDA_HOME, or pip install "
                    + "nvidia-cuda-runtime" + major + " nvidia-cuda-cccl" + major + "; where it is yours, give it by "
                    + "withHeader, or its folder by withOptions(\"--include-path=...\")";
        }
        return version == 0 || version / 1000 == nvrtc / 1000 ? ""
                : "; CUDA's headers in " + folders.getFirst() + " are of CUDA " + CudaDriver.versionText(version)
                        + ", and NVRTC is of " + CudaDriver.versionText(nvrtc) + ": install those of the same";
    }
}
