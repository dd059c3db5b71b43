package org.charlstm.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.charlstm.device.Device;
import org.charlstm.device.DeviceOptions;
import org.charlstm.device.Devices;
import org.charlstm.io.ModelFile;
import org.charlstm.io.SavedModel;
import org.charlstm.nn.Model;
import org.charlstm.random.Philox;
import org.charlstm.random.Purpose;
import org.charlstm.sample.Predictor;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model of running text, without start and end symbols, from training to every command that reads a model. */
class RunningTextCommandsTest {
    private static final int WINDOW = 6;

    @TempDir
    private Path folder;
    private Path text;

    @BeforeEach
    void writeText() throws IOException {
        text = Files.writeString(folder.resolve("running.txt"), "the cat\nand the dog\n\n".repeat(20));
    }

    private Object[] training(Path out, Object... more) {
        Object[] line = {"train", text, "--window", WINDOW, "--hidden", 8, "--dense", 0, "--epochs", 2, "--out", out};
        Object[] all = Arrays.copyOf(line, line.length + more.length);
        System.arraycopy(more, 0, all, line.length, more.length);
        return all;
    }

    private double loss(Path model, Object... more) {
        Object[] line = Arrays.copyOf(new Object[] {"eval", model, text, "--json"}, 4 + more.length);
        System.arraycopy(more, 0, line, 4, more.length);
        return JsonParser.parseString(Tool.output(line)).getAsJsonObject().get("loss").getAsDouble();
    }

    /** The second window begins on the line before. */
    @Test
    void anUnknownCharacterIsNamedWithItsOwnLine() throws IOException {
        Path out = folder.resolve("run");
        Tool.output(training(out));
        Path other = Files.writeString(folder.resolve("other.txt"), "the cat\na\u00E9d the dog\n");
        for (Object[] line : List.of(new Object[] {"eval", out, other}, new Object[] {"verify", out, other,
            "--caption", 1})) {
            String message = Refusal.of(Main.FAILED, folder, line);
            assertTrue(message.contains(other + ", line 2: the character U+00E9"), message);
        }
        Tool.output("verify", out, other);
    }

    @Test
    void everyCommandTakesIt() throws IOException {
        Path out = folder.resolve("run");
        String printed = Tool.output(training(out, "--validation", text));
        assertTrue(printed.startsWith("69 windows from " + text + ", ")
                && printed.contains("\n69 windows from " + text + " for validation\n")
                && printed.endsWith("charlstm sample " + out + "\n"), printed);
        assertTrue(Files.readString(out.resolve("report.html")).contains(" epochs on 69 windows from "));
        Path file = out.resolve(ModelFile.NAME);
        SavedModel model = ModelFile.load(file);
        assertFalse(model.vocabulary().hasMarkers());
        assertEquals("the ca\nndog", model.vocabulary().characters());
        assertEquals(WINDOW, model.steps());
        String written = Tool.output("sample", file, "--count", 1, "--prime", "the");
        assertTrue(written.startsWith("the"), written);
        assertEquals(3 + 400 + 1, written.length());
        assertEquals(9 + 1, Tool.output("sample", file, "--count", 1, "--prime", "the", "--window", WINDOW,
                "--temperature", 0, "--max-length", 9).length());
        assertTrue(Tool.output("top", file, "--prefix", "the").lines().count() > 1);
        assertTrue(Tool.output("verify", file, text, "--caption", 3).contains("of " + WINDOW + " steps agree"));
        assertTrue(Tool.output("eval", file, text, "--stride", 1, "--last-step").contains("windows of 6 steps"));
        Tool.output("train", text, "--init", out, "--epochs", 1, "--out", folder.resolve("further"));
    }

    /** With a line between one and the next, lines as lines; where there is one line for each, line ends as a sign. */
    @Test
    void lineEndsAreShown() throws IOException {
        Path out = folder.resolve("run");
        String printed = Tool.output(training(out, "--sample-every", 1, "--sample-count", 2));
        List<String> shown = printed.lines().filter(line -> line.startsWith("    ")).toList();
        assertEquals(4, shown.size(), printed);
        assertTrue(shown.stream().allMatch(line -> line.matches("    .*\u23CE.*")) && !printed.contains("\uFFFD"),
                printed);
        String report = Files.readString(out.resolve("report.html"));
        assertTrue(report.contains("<p>" + shown.getLast().substring(4).replace("\u23CE", "\n") + "</p>")
                && !report.contains("\uFFFD"), report);
        String separator = "\n--------------------\n";
        String texts = Tool.output("sample", out, "--count", 3, "--prime", "the\n");
        String[] each = texts.substring(0, texts.length() - 1).split(separator, -1);
        assertEquals(3, each.length, texts);
        for (String one : each) {
            assertTrue(one.startsWith("the\n") && one.length() == 404, texts);
        }
        JsonArray json = JsonParser.parseString(Tool.output("sample", out, "--count", 3, "--prime", "the\n", "--json"))
                .getAsJsonArray();
        assertEquals(List.of(each), json.asList().stream().map(JsonElement::getAsString).toList());
    }

    @Test
    void theLastStepIsWhatFollowsTheWindow() throws IOException {
        Path run = folder.resolve("run");
        Tool.output(training(run));
        SavedModel saved = ModelFile.load(run);
        String whole = Files.readString(text);
        double sum = 0;
        int windows = 0;
        try (Device device = Devices.open("cpu", DeviceOptions.DEFAULT);
                Model model = new Model(device, saved.weights())) {
            for (int at = 0; at + WINDOW < whole.length(); at += 5) {
                double[] next = Predictor.next(model, saved.vocabulary(), whole.substring(at, at + WINDOW));
                sum -= Math.log(next[saved.vocabulary().id(whole.charAt(at + WINDOW))]);
                windows++;
            }
        }
        assertEquals(sum / windows, loss(run, "--stride", 5, "--last-step"), 1e-5);
    }

    /** Sentence after sentence, the first character is one that the exact walk over the text's counts gives. */
    @Test
    void withoutABeginningEachBeginsAsOftenAsTheTextHasIt() throws IOException {
        Path out = folder.resolve("run");
        Tool.output(training(out, "--validation-split", 0.2, "--sample-count", 2));
        Path model = out.resolve(ModelFile.NAME);
        SavedModel saved = ModelFile.load(model);
        String whole = Files.readString(text);
        String characters = saved.requireVocabulary().characters();
        long[] counts = characters.chars().mapToLong(c -> whole.chars().filter(each -> each == c).count()).toArray();
        assertArrayEquals(counts, saved.requireVocabulary().counts());
        StringBuilder expected = new StringBuilder();
        for (int i = 0; i < 70; i++) {
            long at = (long) (Philox.uniform(7, Purpose.SAMPLE, i, 0) * whole.length());
            int symbol = 0;
            for (long upTo = counts[0]; at >= upTo; upTo += counts[symbol]) {
                symbol++;
            }
            expected.append(characters.charAt(symbol));
        }
        Object[] line = {"sample", model, "--count", 70, "--seed", 7, "--max-length", 12, "--temperature", 0, "--json"};
        List<String> written = JsonParser.parseString(Tool.output(line)).getAsJsonArray().asList().stream()
                .map(JsonElement::getAsString).toList();
        assertEquals(expected.toString(), written.stream().map(one -> one.substring(0, 1))
                .collect(Collectors.joining()));
        Path lines = Files.writeString(folder.resolve("lines.txt"), "\nthe\n");
        String[] mixed = Tool.output("sample", model, "--prime-file", lines, "--seed", 7, "--max-length", 12,
                "--temperature", 0).split("\n--------------------\n", -1);
        assertEquals(written.getFirst(), mixed[0]);
        assertTrue(mixed[1].startsWith("the"), mixed[1]);
        assertTrue(Tool.output("top", model, "-k", 1).startsWith("0.142857  't'"));
        assertTrue(Tool.output("show", model).contains("each as often as its text has it: 't' 14.3 %, "));
        Tool picked = Tool.given("t\n.\n", "sample", model, "--interactive");
        assertEquals("t\n", picked.out(), picked.toString());
    }
}
