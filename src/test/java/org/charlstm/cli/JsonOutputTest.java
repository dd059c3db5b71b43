package org.charlstm.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.charlstm.device.Device;
import org.charlstm.device.DeviceOptions;
import org.charlstm.device.Devices;
import org.charlstm.io.Json;
import org.charlstm.io.ModelFile;
import org.charlstm.io.SavedModel;
import org.charlstm.nn.Model;
import org.charlstm.text.CaptionFile;
import org.charlstm.text.Corpus;
import org.charlstm.train.Evaluation;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code --json} prints: one value that stands alone on standard output. */
class JsonOutputTest {
    @TempDir
    private static Path folder;
    private static Path text;
    private static Path model;

    @BeforeAll
    static void train() {
        text = Tiny.text(folder);
        model = Tiny.train(text, folder.resolve("run"), "--epochs", 5);
    }

    /** Parses the whole of the output strictly; a second value or a stray word fails. */
    private static JsonElement parsed(Object... line) {
        String printed = Tool.output(line);
        try (JsonReader reader = new JsonReader(new StringReader(printed))) {
            reader.setStrictness(Strictness.STRICT);
            JsonElement value = JsonParser.parseReader(reader);
            assertEquals(JsonToken.END_DOCUMENT, reader.peek(), printed);
            return value;
        } catch (IOException | JsonParseException e) {
            throw new AssertionError(printed, e);
        }
    }

    private static List<String> strings(JsonElement array) {
        return array.getAsJsonArray().asList().stream().map(JsonElement::getAsString).toList();
    }

    /** A caption as the names of its symbols, from one place to another. */
    private static List<String> symbols(String caption, int from, int to) {
        List<String> all = new ArrayList<>(List.of("<start>"));
        caption.codePoints().forEach(c -> all.add(Character.toString(c)));
        while (all.size() < to) {
            all.add("<end>");
        }
        return all.subList(from, to);
    }

    @Test
    void sampleIsAnArrayOfTheSentencesThatItPrintsWithout() {
        assertEquals(Tool.output("sample", model, "--count", 70, "--seed", 3).lines().toList(),
                strings(parsed("sample", model, "--count", 70, "--seed", 3, "--json")));
    }

    @Test
    void topIsAnArrayFromTheMostProbableOn() {
        JsonArray all = parsed("top", model, "-k", 20, "--prefix", "a ", "--json").getAsJsonArray();
        assertEquals(20, all.size());
        double sum = 0;
        double before = 1;
        Set<String> names = new HashSet<>();
        for (JsonElement element : all) {
            JsonObject entry = element.getAsJsonObject();
            assertEquals(Set.of("char", "probability"), entry.keySet());
            double probability = entry.get("probability").getAsDouble();
            assertTrue(probability <= before, all.toString());
            before = probability;
            sum += probability;
            names.add(entry.get("char").getAsString());
        }
        assertEquals(1, sum, 1e-6);
        assertEquals(20, names.size(), "a symbol is missing or named twice: " + names);
        assertTrue(names.containsAll(Set.of("<start>", "<end>", "a", " ")), names.toString());
    }

    @Test
    void topStopsAtAsManyAsAskedForOrAsThereAre() {
        JsonArray all = parsed("top", model, "-k", 1000, "--json").getAsJsonArray();
        assertEquals(20, all.size());
        assertEquals(all.asList().subList(0, 3), parsed("top", model, "-k", 3, "--json").getAsJsonArray().asList());
    }

    @Test
    void verifyHasTheCaptionItsTargetAndThePrediction() {
        JsonObject object = parsed("verify", model, text, "--caption", 7, "--json").getAsJsonObject();
        assertEquals(Set.of("caption", "input", "target", "predicted", "agree", "steps"), object.keySet());
        assertEquals(7, object.get("caption").getAsInt());
        List<String> target = strings(object.get("target"));
        List<String> predicted = strings(object.get("predicted"));
        assertEquals(symbols(Tiny.CAPTIONS.get(7), 0, 18), strings(object.get("input")));
        assertEquals(symbols(Tiny.CAPTIONS.get(7), 1, 19), target);
        assertEquals(18, object.get("steps").getAsInt());
        int agree = 0;
        for (int i = 0; i < 18; i++) {
            agree += target.get(i).equals(predicted.get(i)) ? 1 : 0;
        }
        assertEquals(agree, object.get("agree").getAsInt());
    }

    @Test
    void evalHasTheFiguresThatTheLibraryGives() {
        JsonObject object = parsed("eval", model, text, "--json").getAsJsonObject();
        assertEquals(Set.of("loss", "real_loss", "bits_per_character", "accuracy", "captions", "steps"),
                object.keySet());
        double loss = object.get("loss").getAsDouble();
        assertEquals(object.get("real_loss").getAsDouble() / Math.log(2),
                object.get("bits_per_character").getAsDouble(), 1e-12);
        assertEquals(20, object.get("captions").getAsInt());
        assertEquals(18, object.get("steps").getAsInt());
        SavedModel saved = ModelFile.load(model);
        Corpus corpus = Corpus.encode(CaptionFile.read(text, 20), saved.vocabulary());
        try (Device device = Devices.open("reference", DeviceOptions.DEFAULT);
                Model opened = new Model(device, saved.weights())) {
            Evaluation expected = Evaluation.of(opened, corpus, 7);
            assertEquals(expected.loss(), loss, 1e-5);
            assertEquals(expected.realLoss(), object.get("real_loss").getAsDouble(), 1e-5);
            assertEquals(expected.accuracy(), object.get("accuracy").getAsDouble(), 0.01);
        }
    }

    /** As in training: a text of short captions is padded to the model's time steps, so that figures compare. */
    @Test
    void evalPadsToTheModelsSteps() {
        Path brief = Tiny.text(folder, "brief.txt", "a cat\n");
        assertEquals(18, parsed("eval", model, brief, "--json").getAsJsonObject().get("steps").getAsInt());
        Path longer = Tiny.text(folder, "longer.txt", "a cat sits\na cat is here is a cat\n");
        assertEquals(23, parsed("eval", model, longer, "--json").getAsJsonObject().get("steps").getAsInt());
    }

    @Test
    void encodeHasShapeSymbolsAndMap() {
        JsonObject object = parsed("encode", text, "--caption", 7, "--json").getAsJsonObject();
        assertEquals(Set.of("shape", "caption", "input", "target", "map"), object.keySet());
        assertEquals(Json.array(List.of(20, 18, 20)), object.get("shape"));
        assertEquals(symbols(Tiny.CAPTIONS.get(7), 0, 18), strings(object.get("input")));
        assertEquals(symbols(Tiny.CAPTIONS.get(7), 1, 19), strings(object.get("target")));
        JsonObject map = object.getAsJsonObject("map");
        assertEquals(20, map.size());
        assertEquals(0, map.get("a").getAsInt());
        assertEquals(18, map.get("<start>").getAsInt());
        assertEquals(19, map.get("<end>").getAsInt());
    }

    /** Characters that JSON must escape, and one beyond the first plane. */
    @Test
    void everyCharacterSurvives() {
        String caption = "\"\\<&>'\u2028\t\u0001\uD83D\uDC31\u00F6";
        Path odd = Tiny.text(folder, "odd.txt", caption + "\n");
        JsonObject object = parsed("encode", odd, "--json").getAsJsonObject();
        assertEquals(caption, String.join("", strings(object.get("target"))).replace("<end>", ""));
        Path trained = Tiny.train(odd, folder.resolve("odd"));
        assertEquals(List.of(caption), strings(parsed("sample", trained, "--count", 1, "--prime", caption, "--json",
                "--max-length", caption.codePointCount(0, caption.length()))));
    }
}
