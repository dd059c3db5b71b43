package org.charlstm.device.cuda.binding;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Where NVIDIA's wheels put libraries: {@code nvidia/*}{@code /lib} in the packages of every python3 on the PATH, which
 * is asked where they are, since installations differ.
 */
final class PythonPackages {
    /** For all of them together. A start of Python takes a twentieth of it. */
    private static final Duration BOUND = Duration.ofSeconds(1);
    private static final String QUESTION = "import sys; print('\\n'.join(sys.path[1:]))";
    /** Null until somebody asks. */
    private static @Nullable Set<Path> wheels;

    private PythonPackages() {
    }

    /** The folders, those of the first python3 first. They are looked for once in a process. */
    static synchronized Set<Path> wheels() {
        if (wheels == null) {
            wheels = wheels(System.getenv());
        }
        return wheels;
    }

    /** The same for an environment's PATH, in which each folder counts once, whatever its names. */
    static Set<Path> wheels(Map<String, String> environment) {
        List<Path> pythons = Stream.of(environment.getOrDefault("PATH", "").split(":", 0))
                .filter(entry -> !entry.isEmpty()).flatMap(PythonPackages::real).distinct()
                .map(folder -> folder.resolve("python3")).filter(Files::isExecutable).toList();
        Set<Path> found = new LinkedHashSet<>();
        Answers.of(pythons.stream().map(python -> List.of(python.toString(), "-c", QUESTION)).toList(), BOUND).stream()
                .filter(line -> !line.isBlank())
                .forEach(line -> within(line, "nvidia").ifPresent(vendor -> LibraryFinder.matching(vendor, "")
                        .forEach(wheel -> found.add(wheel.resolve("lib")))));
        return found;
    }

    private static Stream<Path> real(String folder) {
        try {
            return Stream.of(Path.of(folder).toRealPath());
        } catch (IOException | InvalidPathException e) {
            return Stream.empty();
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
}
