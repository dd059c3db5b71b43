package org.charlstm.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Command lines that are refused, with exit code and message: a file for each command in
 * {@code src/test/resources/refusals}.
 * {@code mvn test -Dtest=RefusalsTest -Drefusals=write} writes the codes and messages anew, to be read in the diff.
 */
class RefusalsTest {
    @TempDir
    private static Path folder;

    @TestFactory
    Stream<DynamicTest> lines() throws IOException {
        return new Transcript("refusals", folder, (input, words) -> {
            Tool tool = Refusal.given(input, folder, words);
            return List.of(tool.code() + " " + tool.err().strip().substring("charlstm: ".length()));
        }).tests();
    }
}
