package org.charlstm.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Command lines that cannot be meant, and values out of range: one line on standard error, nothing else. */
class BadInputTest {
    @TempDir
    private static Path folder;
    private static Path text;
    private static Path model;

    @BeforeAll
    static void train() {
        text = Tiny.text(folder);
        model = Tiny.train(text, folder.resolve("run"));
    }

    @Test
    void featuresThatCannotBeWrittenAreRefused() {
        Path file = folder.resolve("missing").resolve("features.npy");
        assertEquals("charlstm: " + file + " cannot be written: " + file.getParent() + " does not exist",
                Refusal.of(Main.FAILED, folder, "captions", "--features", file));
        assertEquals("charlstm: --columns writes no file; leave --features out",
                Refusal.of(Main.USAGE, folder, "captions", "--columns", "--features", "features.npy"));
    }

    @Test
    void noCommandAtAllIsRefused() {
        assertTrue(Refusal.of(Main.USAGE, folder).contains("charlstm --help"));
    }

    @Test
    void aDeviceThatIsNotHereIsAFailureRatherThanWrongUsage() {
        for (Object[] line : List.of(Tiny.training(text, folder.resolve("new"), "--device", "cuda:9"),
                new Object[] {"sample", model, "--device", "cuda:9"}, new Object[] {"top", model, "--device", "cuda:9"},
                new Object[] {"eval", model, text, "--device", "cuda:9"},
                new Object[] {"verify", model, text, "--device", "cuda:9"})) {
            assertTrue(Refusal.of(Main.FAILED, folder, line).contains("cuda"));
        }
    }

    @Test
    void verboseShowsWhereAfterTheSameLine() {
        String line = Refusal.of(Main.FAILED, folder, "encode", folder.resolve("missing"));
        for (Object[] verbose : List.of(new Object[] {"--verbose", "encode", folder.resolve("missing")},
                new Object[] {"encode", folder.resolve("missing"), "--verbose"})) {
            Tool tool = Tool.run(verbose);
            assertEquals(Main.FAILED, tool.code());
            assertEquals(line, tool.err().lines().findFirst().orElseThrow());
            assertTrue(tool.err().contains("at org.charlstm."), tool.err());
        }
    }
}
