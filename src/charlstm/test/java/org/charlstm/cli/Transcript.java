package org.charlstm.cli;

import module java.base;
import org.charlstm.io.ModelFile;
import org.charlstm.io.SavedModel;
import org.charlstm.text.Vocabulary;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.DynamicTest;

/**
 * Golden files of command lines and what comes of them, a file for each command. A line at the left is a command line,
 * with quotes as in a shell and {@code <<<} before its standard input; indented lines below it are its result.
 * {@code > FILE TEXT} writes a file, {@code + LINE} runs a command line that must succeed, {@code #} is a comment.
 */
final class Transcript {
    private static final Pattern WORD = Pattern.compile("(?:'[^']*'|[^\\s'])+");
    private static final Object[] SIZES = {"--hidden", 8, "--dense", 8, "--batch-size", 8, "--device", "reference"};

    private final Path golden;
    private final boolean write;
    private final Map<String, Path> names = new TreeMap<>();
    private final Pattern named;
    private final BiFunction<String, Object[], List<String>> run;

    /**
     * Trains the models that command lines name.
     *
     * @param name   the folder of golden files, and the system property that has them written anew
     * @param folder where command lines work
     * @param run    the result of a command line with this standard input
     */
    Transcript(String name, Path folder, BiFunction<String, Object[], List<String>> run) throws IOException {
        golden = Path.of("src", "charlstm", "test", "resources", name);
        write = "write".equals(System.getProperty(name));
        this.run = run;
        Path text = Tiny.text(folder);
        Path running = Tiny.text(folder, "running.txt", "the cat\nand the dog\n\n".repeat(20));
        Path trained = folder.resolve("run");
        train(text, "--out", trained, "--epochs", 2, "--learning-rate", 0.01, "--validation-split", 0.2, "--seed", 3);
        Path windows = folder.resolve("windows");
        train(running, "--out", windows, "--window", 6, "--epochs", 1);
        Path last = folder.resolve("last");
        Tool.output("train", running, "--window", 6, "--stride", 2, "--predict", "last", "--hidden", 8, "--dense", 0,
                "--epochs", 1, "--out", last, "--device", "reference");
        SavedModel counted = ModelFile.load(windows);
        Path uncounted = folder.resolve("uncounted.safetensors");
        ModelFile.save(uncounted, new SavedModel(counted.config(), counted.steps(),
                Vocabulary.withoutMarkers(counted.requireVocabulary().characters()), counted.weights()));
        names.putAll(Map.of("TEXT", text, "RUNNING", running, "MODEL", trained.resolve(ModelFile.NAME), "WINDOWS",
                windows, "LAST", last, "UNCOUNTED", uncounted, "NEW", folder.resolve("new"), "DIR", folder));
        names.put("RUN", trained);
        named = Pattern.compile("(?<=^|[=@])(" + String.join("|", names.keySet()) + ")(?=/|$)");
    }

    private static void train(Object text, Object... more) {
        Tool.output(Stream.of(new Object[] {"train", text}, SIZES, more).flatMap(Stream::of).toArray());
    }

    /** Puts names in the place of paths. */
    String withNames(String message) {
        List<Map.Entry<String, Path>> longestFirst = names.entrySet().stream().sorted(
                Comparator.comparingInt(entry -> -entry.getValue().toString().length())).toList();
        for (Map.Entry<String, Path> entry : longestFirst) {
            message = message.replace(entry.getValue().toString(), entry.getKey());
        }
        return message;
    }

    private Object[] words(String line) {
        return WORD.matcher(line).results().map(word -> named.matcher(word.group().replace("'", ""))
                .replaceAll(name -> Matcher.quoteReplacement(names.get(name.group(1)).toString()))).toArray();
    }

    /** A line prepares files, or it is a command line with a result. */
    private List<String> done(String line) {
        if (line.startsWith("> ")) {
            String[] parts = line.split(" ", 3);
            Tiny.text(names.get("DIR"), parts[1], parts[2].translateEscapes());
            return List.of();
        }
        if (line.startsWith("+ ")) {
            Tool tool = Tool.run(words(line.substring(2)));
            Assertions.assertEquals(0, tool.code(), tool.err());
            return List.of();
        }
        String[] parts = line.split(" <<< ", 2);
        String input = parts.length == 1 ? "" : parts[1].translateEscapes();
        List<String> result = run.apply(input, words(parts[0]));
        Assertions.assertFalse(result.isEmpty(), line + " has no result");
        return result.stream().map(this::withNames).toList();
    }

    /** The golden files by their commands. */
    Map<String, Path> files() throws IOException {
        Map<String, Path> files = new TreeMap<>();
        try (Stream<Path> all = Files.list(golden)) {
            all.forEach(file -> files.put(file.getFileName().toString().replaceFirst("\\.txt$", ""), file));
        }
        return files;
    }

    /** A test for each command line. */
    Stream<DynamicTest> tests() throws IOException {
        List<DynamicTest> tests = new ArrayList<>();
        for (Path file : files().values()) {
            List<String> written = new ArrayList<>();
            List<String> preparing = new ArrayList<>();
            int before = tests.size();
            List<String> lines = Files.readAllLines(file);
            for (int i = 0; i < lines.size(); i++) {
                String line = lines.get(i);
                if (isResult(line)) {
                    continue;
                }
                written.add(line);
                if (line.startsWith("#")) {
                    continue;
                }
                if (write) {
                    done(line).forEach(each -> written.add(each.isEmpty() ? "" : "    " + each));
                    continue;
                }
                preparing.add(line);
                if (!line.startsWith("> ") && !line.startsWith("+ ")) {
                    List<String> expected = lines.subList(i + 1, lines.size()).stream().takeWhile(Transcript::isResult)
                            .map(each -> each.isEmpty() ? "" : each.substring(4)).toList();
                    List<String> all = List.copyOf(preparing);
                    preparing.clear();
                    tests.add(DynamicTest.dynamicTest(file.getFileName() + ": " + line, () -> {
                        all.subList(0, all.size() - 1).forEach(this::done);
                        Assertions.assertEquals(String.join("\n", expected), String.join("\n", done(line)));
                    }));
                }
            }
            Assertions.assertTrue(write || tests.size() > before, file + " has no command line");
            if (write) {
                Files.write(file, written);
            }
        }
        return tests.stream();
    }

    private static boolean isResult(String line) {
        return line.isEmpty() || line.startsWith("    ");
    }
}
