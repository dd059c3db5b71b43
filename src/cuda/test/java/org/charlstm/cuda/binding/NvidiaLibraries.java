package org.charlstm.cuda.binding;

import module java.base;

/** NVIDIA's own libraries, as {@code .ci/nvidia} unpacks them, and programs that use them. */
final class NvidiaLibraries {
    /** Files of the jar have a number in their names that nobody asks for. */
    private static final String NUMBER = "-[0-9a-f]{8}(?=\\.so)";

    /** The stand-ins. */
    static final Path SIMULATED = Path.of("target", "native").toAbsolutePath();
    /** The stand-ins as the same versions. */
    static final Map<String, String> AS_NVIDIAS =
            Map.of("CHARLSTM_SIM_CUDNN", "90100", "CHARLSTM_SIM_CUDART", "12040");

    private static final Path LINKS = Path.of("target", "nvidia-links").toAbsolutePath();

    private NvidiaLibraries() {
    }

    /** Where they are. */
    static Path folder() {
        return Path.of(System.getProperty("charlstm.nvidia"));
    }

    /** A folder in which they have the names that the loader knows them by. */
    static Path named() throws IOException {
        return linked("named", ".*");
    }

    /** Packages of a python3 as pip lays them out for CUDA 12: a wheel for each. */
    static Path wheels() throws IOException {
        linked("packages/nvidia/cublas/lib", "libcublas.*");
        linked("packages/nvidia/cudnn/lib", "libcudnn.*");
        linked("packages/nvidia/cuda_nvrtc/lib", "libnvrtc.*");
        return LINKS.resolve("packages");
    }

    private static Path linked(String where, String pattern) throws IOException {
        Path into = Files.createDirectories(LINKS.resolve(where));
        try (Stream<Path> files = Files.list(folder())) {
            for (Path file : files.filter(each -> each.getFileName().toString().matches(pattern)).toList()) {
                String name = file.getFileName().toString();
                // Under both names: the one that the others in the jar ask for, and the one that everybody asks for.
                for (String each : new TreeSet<>(List.of(name, name.replaceFirst(NUMBER, "")))) {
                    Files.deleteIfExists(into.resolve(each));
                    Files.createSymbolicLink(into.resolve(each), file.toAbsolutePath());
                }
            }
        }
        return into;
    }

    /** Their answers as they were recorded in a file of the resources, without its comments. */
    static List<String> recorded(String file) throws IOException {
        return Files.readAllLines(Path.of("src", "cuda", "test", "resources", "nvidia", file)).stream()
                .filter(line -> !line.startsWith("#")).toList();
    }

    /**
     * Runs a class in a JVM of its own.
     *
     * @param environment what it has beside the loader's own and the tests' cache
     * @return what it printed
     */
    static List<String> run(Path out, Map<String, String> environment, Class<?> main, Object... arguments)
            throws IOException, InterruptedException {
        List<String> line = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED", "--add-modules", "jdk.incubator.vector",
                "-XX:TieredStopAtLevel=1", "-cp", System.getProperty("java.class.path"), main.getName()));
        Stream.of(arguments).map(Object::toString).forEach(line::add);
        ProcessBuilder builder = new ProcessBuilder(line).redirectOutput(out.toFile())
                .redirectError(out.resolveSibling("errors").toFile());
        builder.environment().keySet().retainAll(Set.of("CHARLSTM_CACHE", "LC_ALL"));
        builder.environment().putAll(environment);
        int code = builder.start().waitFor();
        List<String> printed = Files.readAllLines(out, StandardCharsets.UTF_8);
        if (code != 0) {
            throw new AssertionError(main.getSimpleName() + " ended with " + code + " after " + printed.size()
                    + " lines\n" + Files.readString(out.resolveSibling("errors")));
        }
        return printed;
    }
}
