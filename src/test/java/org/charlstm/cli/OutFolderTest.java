package org.charlstm.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.charlstm.io.ModelFile;
import org.charlstm.run.RunFolder;
import org.charlstm.run.StateFile;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Folders for a run that cannot be used, or only with {@code --force}. */
class OutFolderTest {
    @TempDir
    private Path folder;
    private Path text;

    @BeforeEach
    void write() {
        text = Tiny.text(folder);
    }

    private String refused(Path out, Object... more) {
        String message = Refusal.of(Main.FAILED, folder, Tiny.training(text, out, more));
        assertTrue(message.contains(out.toString()), message);
        return message;
    }

    /** Not even a superuser may make a folder in /proc. */
    @ParameterizedTest
    @ValueSource(strings = {"captions.txt/run", "/proc/charlstm-test"})
    void aFolderThatCannotBeMadeIsRefused(String out) {
        assertTrue(refused(folder.resolve(out)).contains("cannot be written to"));
        assertTrue(refused(folder.resolve(out), "--force").contains("--out"));
    }

    /** Any of a run's files alone may be all that is left of it. */
    @ParameterizedTest
    @ValueSource(strings = {ModelFile.NAME, StateFile.NAME, RunFolder.BEST, RunFolder.METRICS, RunFolder.RUN,
        RunFolder.SAMPLES})
    void noFileOfARunIsOverwrittenUnasked(String name) throws IOException {
        Path out = Files.createDirectory(folder.resolve("run"));
        Files.writeString(out.resolve(name), "precious");
        assertTrue(refused(out, "--epochs", 0).contains("--force"));
    }

    @Test
    void aRunThatCannotStartLeavesTheOldOneAloneEvenWithForce() {
        Path out = folder.resolve("run");
        Tiny.train(text, out);
        Refusal.of(Main.FAILED, folder, Tiny.training(folder.resolve("missing"), out, "--force"));
        Refusal.of(Main.USAGE, folder, Tiny.training(text, out, "--force", "--epochs", -1));
    }

    @Test
    void forceOverwrites() throws IOException {
        Path out = folder.resolve("run");
        Path model = Tiny.train(text, out, "--epochs", 3);
        Files.writeString(out.resolve("notes.txt"), "mine");
        byte[] first = Files.readAllBytes(model);
        Tiny.train(text, out, "--epochs", 1, "--force", "--seed", 2);
        byte[] second = Files.readAllBytes(model);
        assertFalse(Arrays.equals(first, second));
        assertArrayEquals(Files.readAllBytes(Tiny.train(text, folder.resolve("fresh"), "--epochs", 1, "--seed", 2)),
                second);
        assertEquals(1, Files.readAllLines(out.resolve(RunFolder.METRICS)).size());
        assertEquals("mine", Files.readString(out.resolve("notes.txt")), "a file that is none of the run's");
    }

    @Test
    void aFolderWithoutARunIsTaken() throws IOException {
        Path out = Files.createDirectories(folder.resolve("a/run"));
        Files.writeString(out.resolve("notes.txt"), "mine");
        Tiny.train(text, out);
        assertTrue(Files.exists(out.resolve(ModelFile.NAME)));
    }
}
