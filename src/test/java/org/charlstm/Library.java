package org.charlstm;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The library as a program has it that names it as its dependency: without what serves the tool or a GPU. */
final class Library {
    /** What Maven brings with it: the dependencies that are not optional; they have none besides. */
    static final Set<String> JARS = Set.of("commons-lang3", "error_prone_annotations", "gson", "jhdf", "jspecify",
            "slf4j-api");

    private Library() {
    }

    /** Its classes and those jars, as a class path or a module path. */
    static String path() throws IOException {
        Map<String, String> jars = new TreeMap<>();
        try (Stream<Path> files = Files.list(Path.of("target", "lib"))) {
            files.forEach(file -> jars.put(file.getFileName().toString().replaceFirst("-[0-9].*", ""),
                    file.toAbsolutePath().toString()));
        }
        jars.keySet().retainAll(JARS);
        if (!jars.keySet().equals(JARS)) {
            throw new AssertionError("of " + JARS + " target/lib has only " + jars.keySet());
        }
        return String.join(File.pathSeparator, Stream.concat(
                Stream.of(Path.of("target", "classes").toAbsolutePath().toString()), jars.values().stream()).toList());
    }
}
