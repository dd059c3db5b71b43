package org.charlstm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Follows ARCHITECTURE's table of what to touch for a thing that is there: its row names the files that name the thing,
 * no more and no less. Another of its kind has to be named in the same places.
 */
class WhatToTouchTest {
    private static final String MODELS = "src/charlstm/main/java/org/charlstm/";
    private static final String PYTHON = "src/charlstm/test/python/";
    private static final String GOLDEN = "src/charlstm/test/resources/";
    private static final String REFUSALS = GOLDEN + "refusals/(train|bench)\\.txt";
    private static final String PAGES = "docs/(cli|training)\\.md";
    private static final String MAIN = "src/(cuda|kernels|charlstm)/main/java/.*";
    private static final String KERNELS = "kernels/.*\\.(cu|h|txt)";

    /** The kind; the names of one that is there, and of one that a list refuses by name; where files may name them. */
    enum Row {
        OPTIMISER("an optimiser", "[Aa]dam|ADAM", MAIN, KERNELS, PYTHON + "updates.py", PAGES,
                REFUSALS),
        CELL("a cell", "[Gg]ru|GRU|GRU_\\w+|Gru[A-Z]\\w*|\\w+Gru|gru_\\w+", MAIN, KERNELS,
                PYTHON + "(?!torch_saved).*", PAGES, REFUSALS),
        OPTION("an option of `train`", "clip-value|clipValue", MAIN, PAGES, GOLDEN + ".*\\.txt"),
        INSTRUCTION("an instruction of PTX", "brev|istypep", "native/(ptx|selftest)/.*"),
        RUNTIME("a function of CUDA's runtime", "cudaMallocPitch|cudaFuncGetName",
                "native/(runtime|selftest|names)/.*"),
        FINDING("a finding of the simulated GPU", "unused-read|UNUSED_READ", MAIN, "native/(?!test/|target/).*");

        private final String title;
        private final Pattern name;
        private final Pattern files;

        Row(String title, String name, String... files) {
            this.title = title;
            this.name = Pattern.compile("(?<![\\w])(" + name + ")(?!\\w)");
            this.files = Pattern.compile(String.join("|", files));
        }
    }

    private static final Pattern COMMENT = Pattern.compile("(?s:/\\*.*?\\*/)|(?m:(?<!:)//.*$)");
    /** A path or a file's name within a row; a folder ends with a slash. */
    private static final Pattern NAMED = Pattern.compile("`([\\w./-]+(?:\\.(?:java|cu|h|cpp|py|md|txt)|/))`");

    private static List<Path> all(Row row) throws IOException {
        List<Path> all = new ArrayList<>();
        for (String root : List.of("src", "kernels", "native", "docs")) {
            try (Stream<Path> files = Files.walk(Path.of(root))) {
                files.filter(file -> row.files.matcher(file.toString()).matches() && Files.isRegularFile(file))
                        .forEach(all::add);
            }
        }
        return all;
    }

    /** What is said in comments is no place to touch. */
    private static boolean names(Row row, Path file) {
        try {
            String text = Files.readString(file, StandardCharsets.ISO_8859_1);
            String code = file.toString().matches(".*\\.(java|cu|h|cpp)") ? COMMENT.matcher(text).replaceAll("") : text;
            return row.name.matcher(code).find();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> named(Row row) throws IOException {
        List<String> rows = Files.readAllLines(Path.of("ARCHITECTURE.md")).stream()
                .filter(line -> line.startsWith("| " + row.title + " |")).toList();
        assertEquals(1, rows.size(), "rows of " + row.title);
        return NAMED.matcher(rows.getFirst()).results().map(found -> found.group(1)).toList();
    }

    /** By its whole path, or as ARCHITECTURE shortens it; a folder is all that lies in it. */
    private static boolean isNamed(String name, Path file) {
        String path = file.toString().replace("src/cuda/main/java/org/charlstm/", "")
                .replace("src/kernels/main/java/org/charlstm/", "").replace(MODELS, "");
        return name.endsWith("/") ? path.startsWith(name) || file.startsWith(name)
                : path.equals(name) || file.toString().equals(name) || (!name.contains("/") && file.endsWith(name));
    }

    @ParameterizedTest
    @EnumSource
    void aRowNamesTheFilesThatNameAThingOfItsKind(Row row) throws IOException {
        List<String> named = named(row);
        Set<Path> touched = all(row).stream().filter(file -> names(row, file))
                .collect(Collectors.toCollection(TreeSet::new));
        assertTrue(touched.size() > 2, "nothing names it: " + row.name);
        assertEquals(List.of(), touched.stream().filter(file -> named.stream().noneMatch(name -> isNamed(name, file)))
                .toList(), "the row of " + row.title + " lacks these files");
        assertEquals(List.of(), named.stream().filter(name -> touched.stream().noneMatch(file -> isNamed(name, file)))
                .toList(), "the row of " + row.title + " names these in vain");
    }
}
