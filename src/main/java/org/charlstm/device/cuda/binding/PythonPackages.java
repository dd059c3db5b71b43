package org.charlstm.device.cuda.binding;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Where NVIDIA's wheels put libraries: {@code nvidia/*}{@code /lib} in the packages of every python3 on the PATH, which
 * is asked where they are, since installations differ.
 */
final class PythonPackages {
    private static final int SECONDS = 10;
    private static Set<Path> wheels;

    private PythonPackages() {
    }

    /** The folders, those of the first python3 first. */
    static synchronized Set<Path> wheels() {
        if (wheels == null) {
            wheels = new LinkedHashSet<>();
            for (String entry : System.getenv().getOrDefault("PATH", "").split(":")) {
                Path python = Path.of(entry, "python3");
                if (!entry.isEmpty() && Files.isExecutable(python)) {
                    for (String packages : searched(python)) {
                        LibraryFinder.matching(Path.of(packages, "nvidia"), "").forEach(
                                wheel -> wheels.add(wheel.resolve("lib")));
                    }
                }
            }
        }
        return wheels;
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
