package org.charlstm.cuda;

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
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Where NVIDIA's wheels put libraries: {@code nvidia/*}{@code /lib} in the packages of every python3 on the PATH, which
 * is asked where they are, since installations differ.
 */
final class PythonPackages {
    /** For all of them together. A start of Python takes a tenth of it where nothing else runs. */
    private static final Duration BOUND = Duration.ofSeconds(1);
    private static final String QUESTION = "import sys; print('\\n'.join(sys.path[1:]))";
    /** Null until somebody asks. */
    private static @Nullable Wheels wheels;

    /**
     * What was found.
     *
     * @param folders those of the first python3 first
     * @param silent  each python3 that did not answer
     */
    record Wheels(Set<Path> folders, List<Path> silent) {
        /** What is to be said where nothing was found, after a word that names the wheels. */
        String reservation() {
            return silent.isEmpty() ? "" : " (" + silent.getFirst() + " did not say within a second where they are)";
        }
    }

    private PythonPackages() {
    }

    /** They are looked for once in a process. */
    static synchronized Wheels wheels() {
        if (wheels == null) {
            wheels = wheels(System.getenv());
        }
        return wheels;
    }

    /** The same for an environment's PATH, in which each folder counts once, whatever its names. */
    static Wheels wheels(Map<String, String> environment) {
        List<Path> pythons = Stream.of(environment.getOrDefault("PATH", "").split(":", 0))
                .filter(entry -> !entry.isEmpty()).flatMap(PythonPackages::real).distinct()
                .map(folder -> folder.resolve("python3")).filter(Files::isExecutable).toList();
        List<Optional<List<String>>> answers = Answers.of(pythons.stream()
                .map(python -> List.of(python.toString(), "-c", QUESTION)).toList(), BOUND);
        Set<Path> folders = new LinkedHashSet<>();
        answers.stream().flatMap(Optional::stream).flatMap(List::stream).filter(line -> !line.isBlank())
                .flatMap(packages -> within(packages, "nvidia").stream())
                .flatMap(vendor -> LibraryFinder.matching(vendor, "").stream())
                .forEach(wheel -> folders.add(wheel.resolve("lib")));
        return new Wheels(folders, IntStream.range(0, pythons.size()).filter(i -> answers.get(i).isEmpty())
                .mapToObj(pythons::get).toList());
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
