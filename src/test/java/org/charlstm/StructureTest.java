package org.charlstm;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The order of the packages, and files short enough to read. */
class StructureTest {
    private static final Path MAIN = Path.of("src", "main", "java");
    private static final int MAX_LINES = 300;
    private static final int MAX_COLUMNS = 120;
    private static final Pattern SOURCE = Pattern.compile(".*\\.(java|cu|h|cpp|py)");
    private static final List<String> ORDER = Stream.of("", ".random", ".text.generated", ".text", ".device",
            ".device.host", ".device.reference", ".device.cpu", ".device.cuda.binding",
            ".device.cuda.panama", ".device.cuda.jcuda", ".device.cuda.context", ".device.cuda.memory",
            ".device.cuda.kernel", ".device.cuda.linear", ".device.cuda.lstm", ".device.cuda", ".nn", ".io", ".keras",
            ".train", ".sample", ".report", ".selftest", ".bench", ".cli").map(name -> "org.charlstm" + name).toList();
    private static final Pattern IMPORT = Pattern.compile("^import (?:static )?(org\\.charlstm[a-z.]*)\\.[A-Z*]",
            Pattern.MULTILINE);

    private static List<Path> sources(Path root) {
        try (Stream<Path> files = Files.walk(root)) {
            return files.filter(file -> SOURCE.matcher(file.toString()).matches()).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void packagesImportOnlyThoseAboveThem() throws IOException {
        for (Path file : sources(MAIN)) {
            String name = MAIN.relativize(file.getParent()).toString()
                    .replace(file.getFileSystem().getSeparator(), ".");
            assertTrue(ORDER.contains(name) || file.endsWith("module-info.java"),
                    name + " has no place in the order of packages");
            Matcher imports = IMPORT.matcher(Files.readString(file));
            while (imports.find()) {
                assertTrue(ORDER.indexOf(imports.group(1)) <= ORDER.indexOf(name) && ORDER.contains(imports.group(1)),
                        file + " imports from " + imports.group(1) + ", which is below it");
            }
        }
    }

    @Test
    void noFileIsTooLongOrTooWideToRead() throws IOException {
        for (Path root : Stream.of("src", "kernels", "native", "bench").map(Path::of).toList()) {
            for (Path file : sources(root)) {
                List<String> lines = Files.readAllLines(file);
                assertTrue(lines.size() <= MAX_LINES,
                        file + " has " + lines.size() + " lines; one idea a file, at most " + MAX_LINES);
                for (int i = 0; i < lines.size(); i++) {
                    assertTrue(lines.get(i).length() <= MAX_COLUMNS, file + ":" + (i + 1) + " is too wide");
                }
            }
        }
    }
}
