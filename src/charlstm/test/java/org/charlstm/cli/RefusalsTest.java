package org.charlstm.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import module java.base;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Command lines that are refused, with exit code and message: a file for each command in
 * {@code src/charlstm/test/resources/refusals}.
 * {@code mvn test -Dtest=RefusalsTest -Drefusals=write} writes the codes and messages anew, to be read in the diff.
 */
class RefusalsTest {
    /** Refusals of these are among those of all commands. */
    private static final Set<String> TOGETHER = Set.of("completion", "doctor", "help", "report");

    @TempDir
    private static Path folder;
    private static Transcript transcript;

    @BeforeAll
    static void train() throws IOException {
        transcript = new Transcript("refusals", folder, (input, words) -> {
            Tool tool = Refusal.given(input, folder, words);
            return List.of(tool.code() + " " + tool.err().strip().substring("charlstm: ".length()));
        });
    }

    @TestFactory
    Stream<DynamicTest> lines() throws IOException {
        return transcript.tests();
    }

    @Test
    void everyCommandHasAGoldenFile() throws IOException {
        Set<String> files = new TreeSet<>(Commands.NAMES);
        files.removeAll(TOGETHER);
        files.add("commands");
        assertEquals(files, transcript.files().keySet());
    }
}
