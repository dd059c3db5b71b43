package org.charlstm.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.charlstm.io.ModelFile;
import org.charlstm.io.SavedModel;
import org.charlstm.text.Vocabulary;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Command lines that are refused, with exit code and message: a file for each command in
 * {@code src/test/resources/refusals}.
 * {@code mvn test -Dtest=RefusalsTest -Drefusals=write} writes the codes and messages anew, to be read in the diff.
 */
class RefusalsTest {
    private static final Path GOLDEN = Path.of("src", "test", "resources", "refusals");
    private static final boolean WRITE = "write".equals(System.getProperty("refusals"));
    private static final Map<String, Path> NAMES = new LinkedHashMap<>();

    @TempDir
    private static Path folder;

    /** The files that command lines name: texts, a run on captions, models of running text. */
    @BeforeAll
    static void make() throws IOException {
        Path text = Tiny.text(folder);
        Path running = Tiny.text(folder, "running.txt", "the cat\nand the dog\n\n".repeat(20));
        Path run = folder.resolve("run");
        Tool.output(Tiny.training(text, run, "--epochs", 2, "--learning-rate", 0.01, "--validation-split", 0.2,
                "--seed", 3));
        Path windows = folder.resolve("windows");
        Tool.output(Tiny.training(running, windows, "--window", 6, "--epochs", 1));
        Path last = folder.resolve("last");
        Tool.output("train", running, "--window", 6, "--stride", 2, "--predict", "last", "--hidden", 8, "--dense", 0,
                "--epochs", 1, "--out", last);
        SavedModel counted = ModelFile.load(windows);
        Path uncounted = folder.resolve("uncounted.safetensors");
        ModelFile.save(uncounted, new SavedModel(counted.config(), counted.steps(),
                Vocabulary.withoutMarkers(counted.requireVocabulary().characters()), counted.weights()));
        NAMES.putAll(Map.of("TEXT", text, "RUNNING", running, "MODEL", run.resolve(ModelFile.NAME), "WINDOWS", windows,
                "LAST", last, "UNCOUNTED", uncounted, "NEW", folder.resolve("new"), "DIR", folder));
        NAMES.put("RUN", run);
    }

    private static String named(String message) {
        for (String name : List.of("MODEL", "TEXT", "RUNNING", "WINDOWS", "LAST", "UNCOUNTED", "NEW", "RUN", "DIR")) {
            message = message.replace(NAMES.get(name).toString(), name);
        }
        return message;
    }

    private static String run(String line) {
        Object[] words = Stream.of(line.split(" ")).map(word -> word.equals("''") ? "" : word)
                .map(word -> NAMES.containsKey(word) ? NAMES.get(word) : word).toArray();
        Tool tool = Refusal.of(folder, words);
        return tool.code() + " " + named(tool.err().strip().substring("charlstm: ".length()));
    }

    @TestFactory
    Stream<DynamicTest> lines() throws IOException {
        List<DynamicTest> tests = new ArrayList<>();
        List<Path> files;
        try (Stream<Path> all = Files.list(GOLDEN)) {
            files = all.sorted().toList();
        }
        for (Path file : files) {
            List<String> written = new ArrayList<>();
            List<String> lines = Files.readAllLines(file);
            for (int i = 0; i < lines.size(); i++) {
                String line = lines.get(i);
                if (line.startsWith(" ")) {
                    continue;
                }
                written.add(line);
                if (!line.isBlank() && !line.startsWith("#")) {
                    if (WRITE) {
                        written.add("    " + run(line));
                    } else {
                        String expected = lines.get(i + 1).strip();
                        tests.add(DynamicTest.dynamicTest(line, () -> assertEquals(expected, run(line))));
                    }
                }
            }
            if (WRITE) {
                Files.write(file, written);
            }
        }
        return tests.stream();
    }
}
