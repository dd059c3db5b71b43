package org.charlstm.cli.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.cli.Main;
import org.charlstm.cli.Refusal;
import org.charlstm.cli.Tiny;
import org.charlstm.cli.Tool;
import org.charlstm.io.ModelFile;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.charlstm.report.Report;
import org.charlstm.run.folder.RunFolder;
import org.charlstm.run.folder.StateFile;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Folders for a run: those that cannot be used, or only with {@code --force}, and links and special files in them. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "links need a privilege there")
@Timeout(value = 900, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@Tag("outside")
class OutFolderTest {
    private static final String PRECIOUS = "precious";

    @TempDir
    private Path folder;
    private Path text;
    private Path out;
    private Path precious;

    @BeforeEach
    void write() {
        text = Tiny.text(folder);
        out = folder.resolve("run");
        precious = Tiny.text(folder, "precious", PRECIOUS);
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
        Files.createDirectory(out);
        Files.writeString(out.resolve(name), "precious");
        assertTrue(refused(out, "--epochs", 0).contains("--force"));
    }

    @Test
    void aRunThatCannotStartLeavesTheOldOneAloneEvenWithForce() {
        Tiny.train(text, out);
        Refusal.of(Main.FAILED, folder, Tiny.training(folder.resolve("missing"), out, "--force"));
        Refusal.of(Main.USAGE, folder, Tiny.training(text, out, "--force", "--epochs", -1));
    }

    @Test
    void forceOverwrites() throws IOException {
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
        out = Files.createDirectories(folder.resolve("a/run"));
        Files.writeString(out.resolve("notes.txt"), "mine");
        Tiny.train(text, out);
        assertTrue(Files.exists(out.resolve(ModelFile.NAME)));
    }

    private void link(String name) throws IOException {
        Files.deleteIfExists(out.resolve(name));
        Files.createSymbolicLink(out.resolve(name), precious);
    }

    private void assertReplaced(String name) throws IOException {
        assertEquals(PRECIOUS, Files.readString(precious), name + " was written through");
        assertTrue(Files.isRegularFile(out.resolve(name), LinkOption.NOFOLLOW_LINKS), name + " is still a link");
    }

    private Path pipe() throws Exception {
        Path pipe = folder.resolve("pipe");
        assertEquals(0, new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor());
        return pipe;
    }

    @Test
    @Needs(Need.FONTS)
    void aReportReplacesLinks() throws IOException {
        Tiny.train(text, out);
        List<String> names = List.of(Report.NAME, "report-loss.png", "report-seconds.png");
        for (String name : names) {
            link(name);
        }
        Tool.output("report", out, "--png");
        for (String name : names) {
            assertReplaced(name);
        }
    }

    @Test
    void aRunReplacesLinks() throws IOException {
        Files.createDirectory(out);
        List<String> names = List.of(ModelFile.NAME, RunFolder.METRICS, RunFolder.RUN, RunFolder.SAMPLES, Report.NAME);
        for (String name : names) {
            link(name);
        }
        Tiny.train(text, out, "--epochs", 2, "--sample-every", 1, "--force");
        for (String name : names) {
            assertReplaced(name);
        }
    }

    /** As {@code runs/latest} is. */
    @Test
    void aFolderThatTheUserNamesMayBeALink() throws IOException {
        Tiny.train(text, out);
        Path latest = Files.createSymbolicLink(folder.resolve("latest"), out);
        Files.delete(out.resolve(Report.NAME));
        Tool.output("report", latest);
        assertTrue(Files.exists(out.resolve(Report.NAME)));
        Tiny.train(text, latest, "--epochs", 1, "--force");
        assertTrue(Files.isSymbolicLink(latest));
    }

    @Test
    @Needs(Need.MKFIFO)
    void aPipeInAFolderFromElsewhereIsNotWaitedFor() throws Exception {
        Tiny.train(text, out);
        for (String name : List.of(RunFolder.METRICS, RunFolder.RUN, ModelFile.NAME)) {
            Path place = out.resolve(name);
            byte[] before = Files.readAllBytes(place);
            Files.delete(place);
            Path pipe = Files.move(pipe(), place);
            String message = Refusal.of(Main.FAILED, folder, name.equals(ModelFile.NAME) ? "sample" : "report", out);
            assertTrue(message.contains(place.toString()) && message.contains("no regular file"), message);
            Files.delete(pipe);
            Files.write(place, before);
        }
        String message = Refusal.of(Main.FAILED, folder, "import", pipe(), "--text", text, "-o", folder.resolve("new"));
        assertTrue(message.contains("no regular file"), message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"model.safetensors", "model.h5", "model.weights.h5"})
    void anOutputMayBeALinkToAFile(String name) throws IOException {
        Tiny.train(text, out);
        Path output = Files.createSymbolicLink(folder.resolve(name), precious);
        Tool.output("export", out, "-o", output);
        assertTrue(Files.isSymbolicLink(output));
        assertTrue(Files.size(precious) > PRECIOUS.length(), "what the link leads to was not written");
    }

    @Test
    @Needs(Need.MKFIFO)
    void anOutputThatIsNoFileIsRefused() throws Exception {
        Tiny.train(text, out);
        Path exported = folder.resolve("model.h5");
        Tool.output("export", out, "-o", exported);
        Path pipe = pipe();
        Path toPipe = Files.createSymbolicLink(folder.resolve("to-pipe"), pipe);
        Path toNull = Files.createSymbolicLink(folder.resolve("to-null"), Path.of("/dev/null"));
        Path directory = Files.createDirectory(folder.resolve("folder"));
        Path toFolder = Files.createSymbolicLink(folder.resolve("to-folder"), directory);
        for (Path output : List.of(pipe, toPipe, toNull, directory, toFolder)) {
            for (Object[] line : List.of(new Object[] {"export", out, "--format", "pytorch", "-o", output},
                    new Object[] {"export", out, "--format", "keras", "-o", output},
                    new Object[] {"import", exported, "--text", text, "-o", output})) {
                String message = Refusal.of(Main.FAILED, folder, line);
                assertTrue(message.contains(output.toString()) && message.contains("no regular file"), message);
            }
        }
        assertFalse(Files.isRegularFile(pipe), "the pipe was replaced");
        // A user who empties the folder is warned of a link out of it.
        Files.delete(toNull);
    }
}
