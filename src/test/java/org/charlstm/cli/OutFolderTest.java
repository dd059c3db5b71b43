package org.charlstm.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.charlstm.io.ModelFile;
import org.charlstm.run.RunFolder;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
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

    @Test
    void belowAFile() {
        assertTrue(refused(text.resolve("run")).contains("--out"));
        assertTrue(refused(text.resolve("run"), "--force").contains("--out"));
    }

    @Test
    void aFile() {
        assertTrue(refused(text).contains("is a file"));
        assertTrue(refused(text, "--force").contains("is a file"));
    }

    /** Not even a superuser may make a folder there. */
    @Test
    @EnabledOnOs(OS.LINUX)
    void whereNobodyMayWrite() {
        assertTrue(refused(Path.of("/proc/charlstm-test")).contains("cannot be written to"));
    }

    @Test
    void aRunIsNotOverwrittenUnasked() {
        Path out = folder.resolve("run");
        Tiny.train(text, out);
        assertTrue(refused(out, "--epochs", 0).contains("--force"));
    }

    /** Any of a run's files alone may be all that is left of it. */
    @ParameterizedTest
    @ValueSource(strings = {ModelFile.NAME, RunFolder.METRICS, RunFolder.RUN})
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
        assertNotEquals(-1, Files.mismatch(model, Files.write(folder.resolve("first"), first)));
        assertEquals(-1, Files.mismatch(Tiny.train(text, folder.resolve("fresh"), "--epochs", 1, "--seed", 2),
                Files.write(folder.resolve("second"), second)));
        assertEquals(1, Files.readAllLines(out.resolve(RunFolder.METRICS)).size());
        assertEquals("mine", Files.readString(out.resolve("notes.txt")), "a file that is none of the run's");
    }

    @Test
    void aFolderThatIsThereButHoldsNoRunIsTaken() throws IOException {
        Path out = Files.createDirectory(folder.resolve("run"));
        Files.writeString(out.resolve("notes.txt"), "mine");
        Tiny.train(text, out);
        assertTrue(Files.exists(out.resolve(ModelFile.NAME)));
    }

    @Test
    void foldersOnTheWayAreMade() {
        assertTrue(Files.exists(Tiny.train(text, folder.resolve("a").resolve("b").resolve("run"))));
    }
}
