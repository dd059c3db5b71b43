package org.charlstm.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The tool in a JVM of its own, as a user starts it. */
final class Jvm implements AutoCloseable {
    /** The flags that the fast path on a processor needs, and flags for a quick start. */
    static final List<String> VECTORS =
            List.of("-XX:TieredStopAtLevel=1", "--add-modules", "jdk.incubator.vector");

    /** Without them it finds no class in a folder whose name is not ASCII. */
    private static final Set<String> LOCALE = Set.of("LC_ALL", "LC_CTYPE", "LANG");

    private final Process process;
    private final Path err;

    /** Starts it in a folder, with standard error beside its other files. */
    Jvm(Path folder, Object... arguments) throws IOException {
        this(folder, null, arguments);
    }

    /** Starts it in a folder with an environment of its own, in this process's locale; null for this process's. */
    Jvm(Path folder, Map<String, String> environment, Object... arguments) throws IOException {
        this(folder, environment, VECTORS, System.getProperty("java.class.path"), List.of(arguments));
    }

    /** Starts it with flags and a class path of its own. */
    Jvm(Path folder, Map<String, String> environment, List<String> flags, String classPath, List<?> arguments)
            throws IOException {
        err = folder.resolve("standard-error");
        List<String> line = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED"));
        line.addAll(flags);
        line.addAll(List.of("-cp", classPath, Main.class.getName()));
        arguments.forEach(argument -> line.add(argument.toString()));
        ProcessBuilder builder = new ProcessBuilder(line)
                .directory(folder.toFile()).redirectError(err.toFile());
        if (environment != null) {
            builder.environment().keySet().retainAll(LOCALE);
            builder.environment().putAll(environment);
        }
        process = builder.start();
    }

    /** Runs it in a folder to its end. */
    static Tool run(Path folder, Object... arguments) throws IOException, InterruptedException {
        return run(folder, null, arguments);
    }

    /** The same with an environment of its own. */
    static Tool run(Path folder, Map<String, String> environment, Object... arguments)
            throws IOException, InterruptedException {
        return run(folder, environment, VECTORS, System.getProperty("java.class.path"), arguments);
    }

    /** The same with flags and a class path of its own. */
    static Tool run(Path folder, Map<String, String> environment, List<String> flags, String classPath,
            Object... arguments) throws IOException, InterruptedException {
        try (Jvm jvm = new Jvm(folder, environment, flags, classPath, List.of(arguments))) {
            String out = new String(jvm.process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return new Tool(jvm.process.waitFor(), out, String.join("\n", jvm.errors()));
        }
    }

    Process process() {
        return process;
    }

    /** Its standard error, without the notices of the JVM and of the simulated GPU. */
    List<String> errors() throws IOException {
        return Files.readString(err, StandardCharsets.UTF_8).lines()
                .filter(line -> !line.equals("WARNING: Using incubator modules: jdk.incubator.vector")
                        && !line.startsWith("charlstm sim: "))
                .toList();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
