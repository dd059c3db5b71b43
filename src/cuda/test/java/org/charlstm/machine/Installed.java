package org.charlstm.machine;

import module java.base;

/**
 * The machine's programs. {@code .ci/without nvcc,chromium} has tests run as on a machine that lacks these,
 * and {@code everything} as on one that lacks all that a {@link Need} names.
 */
public final class Installed {
    private static final Set<String> HIDDEN =
            Set.of(System.getProperty("charlstm.test.without", "").split(","));

    private Installed() {
    }

    /** Whether a program, or another need, counts as missing on this machine. */
    static boolean hidden(String name) {
        return HIDDEN.contains(name) || HIDDEN.contains("everything");
    }

    /** All programs of a name, in the order of the path. */
    public static List<Path> all(String name) {
        return hidden(name) ? List.of() : Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
                .map(folder -> Path.of(folder, name)).filter(Files::isExecutable).toList();
    }

    /** The program of a name that a test has said it needs, or that every machine has. */
    public static Path named(String name) {
        return first(name).orElseThrow(() -> new AssertionError(name + " is not here; say @Needs"));
    }

    static Optional<Path> first(String name) {
        return all(name).stream().findFirst();
    }

    /** Runs a command; its output, if it succeeds. */
    public static Optional<String> output(String... command) {
        try {
            Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
            process.getOutputStream().close();
            String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return process.onExit().join().exitValue() == 0 ? Optional.of(printed) : Optional.empty();
        } catch (IOException _) {
            return Optional.empty();
        }
    }

    /** The lines of a file of the kernel's, none where there is no such file. */
    static List<String> lines(Path file) {
        try {
            return Files.exists(file) ? Files.readAllLines(file) : List.of();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
