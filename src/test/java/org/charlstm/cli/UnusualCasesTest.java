package org.charlstm.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Cases off the usual path that once went wrong. */
@Tag("long")
class UnusualCasesTest {
    @TempDir
    private Path folder;
    private Path text;
    private byte[] whole;
    private int length;

    @BeforeEach
    void train() throws IOException {
        text = Tiny.text(folder);
        whole = Files.readAllBytes(Tiny.train(text, folder.resolve("run")));
        length = (int) ByteBuffer.wrap(whole).order(ByteOrder.LITTLE_ENDIAN).getLong();
    }

    /** One that is as many columns wide, or 0 for none. */
    private static Console console(ByteArrayOutputStream err, int columns) {
        return new Console(new PrintStream(new ByteArrayOutputStream(), true, UTF_8), new PrintStream(err, true, UTF_8),
                columns);
    }

    private Path broken(Consumer<JsonObject> change) throws IOException {
        JsonObject header = JsonParser.parseString(new String(whole, 8, length, UTF_8))
                .getAsJsonObject();
        change.accept(header);
        byte[] json = header.toString().getBytes(UTF_8);
        int data = whole.length - 8 - length;
        return Files.write(folder.resolve("broken"), ByteBuffer.allocate(8 + json.length + data)
                .order(ByteOrder.LITTLE_ENDIAN).putLong(json.length).put(json).put(whole, 8 + length, data).array());
    }

    private void refused(Path model) {
        assertTrue(Refusal.of(Main.FAILED, folder, "eval", model, text).contains(model.toString()));
    }

    private Path described(String key, String member, String value) throws IOException {
        return broken(header -> {
            JsonObject metadata = header.getAsJsonObject("__metadata__");
            JsonObject description = JsonParser.parseString(metadata.get(key).getAsString()).getAsJsonObject();
            description.add(member, JsonParser.parseString(value));
            metadata.addProperty(key, description.toString());
        });
    }

    @Test
    void tooManyStepsAreTheModelsFault() throws IOException {
        refused(described("config", "steps", "2147483647"));
    }

    /** One step whose loss is still a number leaves weights that are none: the model before it must survive. */
    @Test
    void weightsThatAreNotFiniteAreNotSaved() {
        Path run = folder.resolve("diverged");
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        Console console = console(err, 0);
        assertEquals(Main.FAILED, Main.run(console, "train", text.toString(), "--hidden", "8", "--dense", "8",
                "--epochs", "1", "--learning-rate", "3e38", "--out", run.toString()));
        String said = err.toString(UTF_8);
        assertTrue(said.contains("not saved") && said.lines().count() == 1, said);
        Tool.output("top", run);
    }

    /** A full disk behind standard output is a failure, not silence. */
    @Test
    @Needs(Need.DEV_FULL)
    void outputThatCannotBeWrittenIsAFailure() throws Exception {
        Path errors = folder.resolve("errors");
        int code = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1", "--add-modules", "jdk.incubator.vector",
                "--enable-native-access=ALL-UNNAMED", "-cp", System.getProperty("java.class.path"),
                Main.class.getName(), "captions", "--count", "3")
                .redirectOutput(Path.of("/dev/full").toFile()).redirectError(errors.toFile()).start().waitFor();
        assertEquals(Main.FAILED, code);
        assertTrue(Files.readString(errors).contains("charlstm: standard output cannot be written"));
    }

    @Test
    void aPrefixThatLooksLikeAnOption() {
        Path dashes = Tiny.train(Tiny.text(folder, "dashes.txt", "--json -k\n"), folder.resolve("dashes"));
        Tool.output("top", dashes, "--prefix=-k");
        Tool.output("sample", dashes, "--prime=--json");
    }

    @Test
    void everyCommandTellsTheVersion() {
        assertEquals(Tool.output("--version"), Tool.output("train", "--version"));
    }

    @Test
    void progressLeavesNoLineOnTheTerminal() {
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        Console terminal = console(err, 80);
        Object[] line = Tiny.training(text, folder.resolve("terminal"), "--epochs", 2);
        assertEquals(0, Main.run(terminal, Stream.of(line).map(Object::toString).toArray(String[]::new)));
        assertEquals(0, err.toString(UTF_8).chars().filter(c -> c == '\n').count(), "line breaks beside the progress");
    }

    @Test
    void latestMayBeThePlaceOfARun() throws Exception {
        Files.createDirectory(folder.resolve("work"));
        for (List<String> more : List.of(List.<String>of(), List.of("--out", "runs/latest", "--force"))) {
            Object[] line = Stream.concat(Stream.of("train", text, "--device", "reference", "--hidden", 8, "--dense", 8,
                    "--epochs", 1), more.stream()).toArray();
            try (Jvm jvm = new Jvm(folder.resolve("work"), line)) {
                jvm.process().getInputStream().readAllBytes();
                assertEquals(0, jvm.process().waitFor(), more + ": " + jvm.errors());
            }
        }
    }

    @Test
    @Needs({Need.BASH, Need.FIND})
    void theLauncherNeedsNoHome() throws Exception {
        Launcher launcher = new Launcher(Files.createDirectory(folder.resolve("launcher")));
        launcher.without("HOME");
        Launcher.Result result = launcher.run("train");
        assertTrue(result.err().startsWith("charlstm: needs a JDK 25"), result.err());
        // The folders that the launcher searches are replaced in this test, so look at them too.
        assertFalse(Files.readString(Path.of("charlstm")).contains("$HOME"), "HOME is used without a default");
    }
}
