package org.charlstm.device.cuda.binding;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Where NVIDIA's wheels put libraries: {@code nvidia/*}{@code /lib} in the packages of every python3 on the PATH, which
 * is asked where they are, since installations differ.
 */
final class PythonPackages {
    private static final int SECONDS = 10;
    /** Null until somebody asks. */
    private static @Nullable Set<Path> wheels;

    private PythonPackages() {
    }

    /** The folders, those of the first python3 first. */
    static synchronized Set<Path> wheels() {
        if (wheels == null) {
            Set<Path> found = new LinkedHashSet<>();
            for (String entry : System.getenv().getOrDefault("PATH", "").split(":", 0)) {
                within(entry, "python3").filter(python -> !entry.isEmpty() && Files.isExecutable(python))
                        .ifPresent(python -> add(python, found));
            }
            wheels = found;
        }
        return wheels;
    }

    private static void add(Path python, Set<Path> found) {
        for (String packages : searched(python)) {
            within(packages, "nvidia").ifPresent(vendor -> LibraryFinder.matching(vendor, "")
                    .forEach(wheel -> found.add(wheel.resolve("lib"))));
        }
    }

    /** A file of a folder; empty if the folder's name is none in this locale. */
    private static Optional<Path> within(String folder, String file) {
        try {
            return Optional.of(Path.of(folder, file));
        } catch (InvalidPathException e) {
            return Optional.empty();
        }
    }

    /** Where a python3 looks for packages. One that cannot say has none to offer. */
    private static List<String> searched(Path python) {
        try {
            Process process = new ProcessBuilder(python.toString(), "-c", "import sys; print('\\n'.join(sys.path[1:]))")
                    .redirectError(ProcessBuilder.Redirect.DISCARD).start();
            process.getOutputStream().close();
            if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                return List.of();
            }
            return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).lines()
                    .filter(line -> !line.isBlank()).toList();
        } catch (IOException e) {
            return List.of();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return List.of();
        }
    }
}
