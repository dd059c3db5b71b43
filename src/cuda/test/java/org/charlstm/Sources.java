package org.charlstm;

import module java.base;

/** The Java files of all modules. */
public final class Sources {
    /** Of the modules. */
    public static final List<Path> MAIN = roots("main");
    /** Of their tests. */
    public static final List<Path> TESTS = roots("test");

    private Sources() {
    }

    private static List<Path> roots(String kind) {
        return Stream.of("src/cuda", "native", "src/kernels", "src/charlstm")
                .map(module -> Path.of(module, kind, "java")).toList();
    }

    /** The files below some roots. */
    public static List<Path> files(List<Path> roots) {
        return roots.stream().flatMap(Sources::files).toList();
    }

    private static Stream<Path> files(Path root) {
        try (Stream<Path> files = Files.walk(root)) {
            return files.filter(file -> file.toString().endsWith(".java")).toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
