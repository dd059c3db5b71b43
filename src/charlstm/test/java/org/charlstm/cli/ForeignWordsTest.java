package org.charlstm.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
import module java.base;
import org.charlstm.io.ModelFile;
import org.charlstm.io.SavedModel;
import org.charlstm.nn.ModelConfig;
import org.charlstm.nn.Models;
import org.charlstm.nn.Tensor;
import org.charlstm.nn.Weights;
import org.charlstm.text.Vocabulary;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files from elsewhere whose words would tell a terminal what to do, or fill it. */
class ForeignWordsTest {
    /** Escape, bell, backspace, carriage return, delete, and the one byte that begins a sequence as ESC [ does. */
    private static final String CONTROLS = "\u001b\u0007\b\r\u007f\u009b";

    @TempDir
    private Path folder;

    /** A model to which all symbols are equally probable. */
    private Path model(Vocabulary vocabulary) {
        ModelConfig config = Models.of(vocabulary.size(), 2, 0);
        List<Tensor> zeros = config.tensors().stream()
                .map(spec -> new Tensor(spec.name(), spec.shape(), new double[(int) spec.size()])).toList();
        Path file = folder.resolve("model.safetensors");
        ModelFile.save(file, new SavedModel(config, 40, vocabulary, new Weights(config, zeros)));
        return file;
    }

    private static void assertHarmless(String printed, String allowed) {
        assertFalse(printed.isEmpty());
        printed.chars().filter(Character::isISOControl)
                .forEach(c -> assertTrue((allowed + "\n").indexOf(c) >= 0, "U+" + Integer.toHexString(c)));
    }

    private static JsonElement harmlessJson(Object... line) {
        String printed = Tool.output(line);
        assertHarmless(printed, "");
        return JsonParser.parseString(printed);
    }

    @Test
    void aVocabularyOfCaptions() {
        Path model = model(Vocabulary.ofCharacters(CONTROLS + "\n\tab"));
        Path text = Tiny.text(folder, "text.txt", "a" + CONTROLS.replace("\r", "") + "\tb\nab\n");
        String sentences = Tool.output("sample", model, "--count", 50);
        assertHarmless(sentences, "\t");
        assertEquals(50, sentences.lines().count(), "a line a sentence");
        assertTrue(sentences.contains("\t") && sentences.contains("\uFFFD"), sentences);
        assertHarmless(Tool.output("top", model, "-k", 20), "");
        assertHarmless(Tool.output("verify", model, text), "");
        assertHarmless(Tool.output("eval", model, text), "");
        assertHarmless(Tool.output("encode", text), "");
        assertHarmless(Tool.output("show", model), "");
        assertTrue(Tool.output("show", model).replaceAll("\\s+", " ")
                .contains(" U+001B U+0007 U+0008 U+000D U+007F U+009B U+000A U+0009 'a' 'b' "));
        String all = harmlessJson("sample", model, "--count", 50, "--json").getAsJsonArray().asList().stream()
                .map(JsonElement::getAsString).reduce("", String::concat);
        CONTROLS.chars().forEach(c -> assertTrue(all.indexOf(c) >= 0, "JSON keeps every character"));
        assertEquals(12, harmlessJson("top", model, "-k", 20, "--json").getAsJsonArray().size());
        harmlessJson("verify", model, text, "--json");
        assertEquals(CONTROLS + "\n\tab", harmlessJson("show", model, "--json").getAsJsonObject()
                .getAsJsonObject("vocabulary").get("characters").getAsString());
        assertTrue(harmlessJson("encode", text, "--json").getAsJsonObject().getAsJsonObject("map").has("\u009b"));
    }

    /** A text of lines is written as lines. */
    @Test
    void aVocabularyOfRunningText() {
        Path model = model(Vocabulary.withoutMarkers(CONTROLS + "\n\tab"));
        String text = Tool.output("sample", model, "--count", 1, "--prime", "a");
        assertHarmless(text, "\t");
        assertTrue(text.contains("\t") && text.contains("\uFFFD") && text.lines().count() > 10, text);
    }

    private Path results(String device, String processor) throws IOException {
        return Files.writeString(Files.createTempFile(folder, "results", ".json"), """
                {"format": 1, "command": ["charlstm"], "started": "then", "finished": null,
                 "charlstm": {"version": "1"}, "machine": {"processor": "%s"}, "text": {"source": "x", "captions": 1},
                 "protocol": {"epochs": 1, "repeats": 1}, "devices": [],
                 "rows": [{"configuration": {"device": "%s", "precision": "float32", "threads": 1, "batch_size": 1,
                   "hidden": 1, "layers": 1, "dense": 0, "cell": "lstm", "recurrent_activation": "sigmoid",
                   "optimizer": "rmsprop", "padding": "lab"}, "parameters": 1, "status": "measured",
                   "seconds": {"median": 1, "min": 1, "max": 1}, "epoch_seconds": [[1]], "warm_up_seconds": [[]],
                   "characters_per_second": {"median": 1, "min": 1, "max": 1}, "operations": [], "choices": []}]}
                """.formatted(processor, device));
    }

    @Test
    void comparedResultsPrintNoControlCharacters() throws IOException {
        Path one = results("cpu\\u001b]0;title\\u0007\\nfake", "x");
        Path other = results("cpu\\u001b]0;title\\u0007\\nfake", "\\u009b2Jy" + "y".repeat(100_000));
        String printed = Tool.output("bench", "compare", one, other, "--force");
        assertHarmless(printed, "");
        assertEquals(3, printed.lines().count(), printed);
        assertTrue(printed.length() < 3000, printed.length() + " characters");
        harmlessJson("bench", "compare", one, other, "--force", "--json");
        String message = Refusal.of(Main.FAILED, folder, "bench", "compare", one, other);
        assertHarmless(message, "");
        assertTrue(message.contains("--force") && message.length() < 2000, message.length() + " characters");
    }

    @Test
    void namesOfFiles() throws IOException {
        Path text = Tiny.text(folder);
        Path out = folder.resolve("run\u001b[2J");
        Tiny.train(text, out);
        assertHarmless(Tool.output("report", out), "");
        assertHarmless(Refusal.of(Main.FAILED, folder, "report", folder.resolve("none\u001b[2J\u009b")), "");
        assertHarmless(Refusal.of(Main.USAGE, folder, "report", out, "--\u001b[2J"), "");
    }

    /** An error keeps its file, its end and a screen's size, however long the file's words are. */
    @Test
    void whatFillsScreensIsCut() throws IOException {
        for (String member : List.of("\"dtype\":\"" + "X".repeat(10_000_000) + "\"",
                "\"dtype\":\"\\u001b" + "Y".repeat(100_000) + "\"")) {
            byte[] header = ("{\"a\":{" + member + ",\"shape\":[1],\"data_offsets\":[0,4]}}")
                    .getBytes(StandardCharsets.UTF_8);
            Path file = Files.write(folder.resolve("broken.safetensors"), ByteBuffer.allocate(12 + header.length)
                    .order(ByteOrder.LITTLE_ENDIAN).putLong(header.length).put(header).array());
            String message = Refusal.of(Main.FAILED, folder, "sample", file);
            assertHarmless(message, "");
            assertTrue(message.length() < 2000, message.length() + " characters");
            assertTrue(message.contains(file.toString()) && message.endsWith("only F64, F32, F16 and BF16 are read"),
                    message);
        }
        String message = Refusal.of(Main.USAGE, folder, "x".repeat(100_000));
        assertTrue(message.contains("unknown command") && message.length() < 2000, message.length() + " characters");
    }

    @Test
    void aModelWhoseLogitsOverflow() {
        Path text = Tiny.text(folder);
        SavedModel trained = ModelFile.load(Tiny.train(text, folder.resolve("run")));
        List<Tensor> huge = trained.weights().tensors().stream().map(tensor -> {
            double[] values = new double[tensor.values().length];
            for (int i = 0; i < values.length; i++) {
                values[i] = tensor.name().startsWith("lstm") ? 1 : tensor.name().endsWith("bias") ? 3e38 : 1e38;
            }
            return new Tensor(tensor.name(), tensor.shape(), values);
        }).toList();
        Path file = folder.resolve("huge.safetensors");
        ModelFile.save(file, new SavedModel(trained.config(), trained.steps(), trained.vocabulary(),
                new Weights(trained.config(), huge)));
        for (Object[] line : List.of(new Object[] {"top", file, "--json"}, new Object[] {"top", file},
                new Object[] {"verify", file, text}, new Object[] {"eval", file, text})) {
            assertTrue(Refusal.of(Main.FAILED, folder, line).contains("diverged"));
        }
    }
}
