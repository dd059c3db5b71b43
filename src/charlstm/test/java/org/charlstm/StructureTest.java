package org.charlstm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The order of the packages, and files short enough to read. */
class StructureTest {
    /** Modules of several rooms; the compiler holds the border between them. */
    private static final List<Path> MAIN = Stream.of("kernels", "charlstm")
            .map(module -> Path.of("src", module, "main", "java")).toList();
    /** The wall; 300 are a sign that there are two ideas. */
    private static final int MAX_LINES = 500;
    private static final int MAX_COLUMNS = 120;
    private static final int MAX_FILES = 25;
    /** The wall for folders: a room that has more has folders of what belongs together. */
    private static final int WALL_FILES = 50;
    /** ARCHITECTURE says why. */
    private static final Set<Path> BEYOND =
            Set.of(Path.of("src/cuda/main/java/org/charlstm/cuda"));
    private static final Pattern SOURCE = Pattern.compile(".*\\.(java|cu|h|cpp|py)");
    private static final Pattern TEXT = Pattern.compile(".*\\.(java|cu|h|cpp|py|sh|md|js|css|html|grammar)");
    private static final List<String> ORDER = Stream.of(".random", ".device", ".device.spi",
            ".device.host", ".device.reference", ".device.cpu.tools", ".device.cpu.rnn", ".device.cpu",
            ".device.gpu.tools", ".device.gpu.head", ".device.gpu.rnn", ".device.gpu", ".kernels", ".selftest",
            ".base",
            ".text.generated", ".text", ".rank",
            ".nn", ".io.format", ".io", ".keras", ".train", ".sample.step", ".sample", ".sample.streams",
            ".run.folder", ".run", ".report", ".serve", ".selftest.models", ".bench", ".cli.console",
            ".cli.options",
            ".cli.model", ".cli")
            .map(name -> "org.charlstm" + name).toList();
    /** Of the kernel library, whose border the compiler holds. */
    private static final Set<String> LIBRARY = Set.of("org.charlstm", "org.charlstm.cuda");
    private static final Pattern IMPORT = Pattern.compile("^import (?:static )?(org\\.charlstm[a-z.]*)\\.[A-Z*]",
            Pattern.MULTILINE);

    private static List<Path> sources(Path root) {
        return files(root, SOURCE);
    }

    private static List<Path> files(Path root, Pattern name) {
        try (Stream<Path> files = Files.walk(root)) {
            return files.filter(file -> name.matcher(file.toString()).matches()).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void packagesImportOnlyThoseAboveThem() throws IOException {
        for (Path file : MAIN.stream().flatMap(root -> sources(root).stream()).toList()) {
            Path root = MAIN.stream().filter(file::startsWith).findFirst().orElseThrow();
            String name = root.relativize(file.getParent()).toString()
                    .replace(file.getFileSystem().getSeparator(), ".");
            assertTrue(ORDER.contains(name) || file.endsWith("module-info.java"),
                    name + " has no place in the order of packages");
            Matcher imports = IMPORT.matcher(Files.readString(file));
            while (imports.find()) {
                int imported = ORDER.indexOf(imports.group(1));
                assertTrue(LIBRARY.contains(imports.group(1))
                        || (imported >= 0 && imported <= ORDER.indexOf(name)),
                        file + " imports from " + imports.group(1)
                                + ", which is below it");
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

    @ParameterizedTest
    @ValueSource(strings = {"device/cpu", "device/gpu", "cli"})
    void noFolderOfARoomShowsMoreThanAStrangerReads(Path room) {
        for (String kind : List.of("main", "test")) {
            Map<Path, Long> files = Stream.of("kernels", "charlstm")
                    .map(module -> Path.of("src", module, kind, "java", "org", "charlstm").resolve(room))
                    .filter(Files::isDirectory).flatMap(root -> sources(root).stream())
                    .collect(Collectors.groupingBy(Path::getParent, Collectors.counting()));
            files.forEach((folder, count) -> assertTrue(count <= MAX_FILES, folder + " has " + count
                    + " files; at most " + MAX_FILES));
            assertTrue(files.size() > 1, room + " has one folder");
        }
    }

    /** Headers at the top, where every kernel finds them, and kernels in the folder of their kind. */
    @Test
    void noFolderOfKernelsShowsMoreThanAStrangerReads() {
        Map<Path, Long> files = sources(Path.of("kernels")).stream()
                .collect(Collectors.groupingBy(Path::getParent, Collectors.counting()));
        files.forEach((folder, count) -> assertTrue(count <= MAX_FILES, folder + " has " + count + " files; at most "
                + MAX_FILES));
    }

    @Test
    void noFolderIsALongList() {
        Map<Path, Long> files = Stream.of("src", "kernels", "native", "bench", "examples")
                .flatMap(root -> sources(Path.of(root)).stream())
                .collect(Collectors.groupingBy(Path::getParent, Collectors.counting()));
        assertEquals(BEYOND, files.entrySet().stream().filter(folder -> folder.getValue() > WALL_FILES)
                .map(Map.Entry::getKey).collect(Collectors.toSet()), "folders of more than " + WALL_FILES + " files");
    }

    @Test
    void textsHaveNoTabsAndNoSpacesAtLineEnds() throws IOException {
        List<Path> texts = new ArrayList<>(List.of(Path.of("pom.xml"), Path.of("charlstm"), Path.of("README.md")));
        for (String root : List.of("src", "kernels", "native", "bench", "examples", "docs")) {
            texts.addAll(files(Path.of(root), TEXT));
        }
        for (Path file : texts) {
            Matcher wrong = Pattern.compile("\t|[ \r]$|[^\n]\\z", Pattern.MULTILINE).matcher(Files.readString(file));
            assertFalse(wrong.find(), () -> file + " has a tab, a space at the end of a line, or no last newline");
        }
    }

    /** Those of static members first. */
    @Test
    void importsAreSorted() throws IOException {
        for (String root : List.of("src", "bench", "examples")) {
            for (Path file : files(Path.of(root), Pattern.compile(".*\\.java"))) {
                List<String> imports = Files.readAllLines(file).stream().filter(line -> line.startsWith("import "))
                        .map(line -> line.replace(";", "")).toList();
                assertEquals(imports.stream().sorted(Comparator.comparing((String line) -> !line.contains(" static "))
                        .thenComparing(Comparator.naturalOrder())).toList(), imports, file::toString);
            }
        }
    }

    /** In the simulated GPU a room includes of the others what the README's table says, all of them above it. */
    @Test
    void roomsUseOnlyThoseThatTheirTableNames() throws IOException {
        Path root = Path.of("native");
        Map<String, Set<String>> uses = new HashMap<>();
        Matcher row = Pattern.compile("^\\| `([a-z]+)` \\|[^|]*\\|([^|]*)\\|$", Pattern.MULTILINE)
                .matcher(Files.readString(root.resolve("README.md")));
        while (row.find()) {
            Set<String> named = Pattern.compile("[a-z]+").matcher(row.group(2)).results().map(MatchResult::group)
                    .collect(Collectors.toSet());
            assertTrue(uses.keySet().containsAll(named), row.group(1) + " uses a room below it");
            named.add(row.group(1));
            uses.put(row.group(1), named);
        }
        for (Path file : files(root, Pattern.compile("native/(?!test/).*\\.(cu|h|cpp)"))) {
            String room = root.relativize(file).getName(0).toString();
            assertTrue(uses.containsKey(room), file + " is in no room of the table");
            Matcher include = Pattern.compile("^#include \"([^/\"]*)", Pattern.MULTILINE)
                    .matcher(Files.readString(file));
            while (include.find()) {
                assertTrue(uses.get(room).contains(include.group(1)), file + " includes from " + include.group(1));
            }
        }
    }
}
