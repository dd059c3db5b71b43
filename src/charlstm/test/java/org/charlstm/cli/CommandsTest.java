package org.charlstm.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import module java.base;
import org.charlstm.base.Json;
import org.charlstm.device.Device;
import org.charlstm.device.DeviceOptions;
import org.charlstm.device.Devices;
import org.charlstm.io.ModelFile;
import org.charlstm.io.SavedModel;
import org.charlstm.io.format.FeatureFile;
import org.charlstm.nn.Model;
import org.charlstm.nn.Tensor;
import org.charlstm.nn.Weights;
import org.charlstm.text.CaptionFile;
import org.charlstm.text.Captions;
import org.charlstm.text.Corpus;
import org.charlstm.text.Features;
import org.charlstm.text.generated.GeneratedCaptions;
import org.charlstm.train.Evaluation;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The figures of commands that read a model or a text, each compared with another's or the library's. */
class CommandsTest {
    @TempDir
    private static Path folder;
    private static Path text;
    private static Path model;

    @BeforeAll
    static void train() {
        text = Tiny.text(folder);
        model = Tiny.train(text, folder.resolve("run"), "--epochs", 5);
    }

    @Test
    void aRunsFolderIsAModel() {
        for (String command : List.of("sample", "top")) {
            assertEquals(Tool.output(command, model), Tool.output(command, model.getParent()));
        }
        for (String command : List.of("verify", "eval")) {
            assertEquals(Tool.output(command, model, text), Tool.output(command, model.getParent(), text));
        }
    }

    /** A sentence is a function of the seed and its number, however many there are and however they are printed. */
    @Test
    void sentencesComeInTheirOrder() {
        List<String> many = Tool.output("sample", model, "--count", 70).lines().toList();
        assertEquals(many.subList(0, 3), Tool.output("sample", model, "--count", 3).lines().toList());
        assertNotEquals(many, Tool.output("sample", model, "--count", 70, "--seed", 2).lines().toList());
    }

    @Test
    void samplingPastTheEndFillsTheLength() {
        for (String line : Tool.output("sample", model, "--past-end", "--max-length", 30).lines().toList()) {
            assertEquals(30, line.length(), line);
        }
    }

    @Test
    void captionsWritesTheirFeatures() {
        Path file = folder.resolve("captions.npy");
        Tool tool = Tool.run("captions", "--count", 30, "--seed", 5, "--features", file);
        assertEquals(Tool.output("captions", "--count", 30, "--seed", 5), tool.out());
        List<String> columns = Tool.lines("captions", "--columns");
        Features features = FeatureFile.read(file);
        features.requireRows(Captions.generated(30, 5));
        assertEquals(columns.size(), features.columns());
        float[] row = new float[columns.size()];
        for (int caption = 0; caption < 30; caption++) {
            features.row(caption, row, 0);
            assertArrayEquals(GeneratedCaptions.features(30, 5)[caption], row);
        }
        assertEquals("0 kind: none", columns.getFirst());
        assertTrue(columns.stream().anyMatch(column -> column.endsWith(" subject: dog")));
    }

    @Test
    void topGivesEverySymbolOnceWithProbabilitiesThatFallAndSumToOne() {
        List<JsonObject> all = objects("top", model, "-k", 1000, "--prefix", "a ", "--json");
        List<Double> probabilities = all.stream().map(entry -> entry.get("probability").getAsDouble()).toList();
        assertEquals(probabilities.stream().sorted(Comparator.reverseOrder()).toList(), probabilities);
        assertEquals(1, probabilities.stream().mapToDouble(each -> each).sum(), 1e-6);
        assertEquals(20, all.stream().map(entry -> entry.get("char").getAsString()).distinct().count());
    }

    private static List<JsonObject> objects(Object... line) {
        return JsonParser.parseString(Tool.output(line)).getAsJsonArray().asList().stream()
                .map(JsonElement::getAsJsonObject).toList();
    }

    @Test
    void evalHasTheFiguresThatTheLibraryGives() {
        JsonObject object = Tool.json("eval", model, text, "--json");
        SavedModel saved = ModelFile.load(model);
        Corpus corpus = Corpus.encode(CaptionFile.read(text, 20), saved.vocabulary());
        try (Device device = Devices.open("reference", DeviceOptions.DEFAULT);
                Model opened = new Model(device, saved.weights())) {
            Evaluation expected = Evaluation.of(opened, corpus, 7);
            assertEquals(expected.loss(), object.get("loss").getAsDouble(), 1e-5);
            assertEquals(expected.realLoss(), object.get("real_loss").getAsDouble(), 1e-5);
            assertEquals(expected.accuracy(), object.get("accuracy").getAsDouble(), 0.01);
        }
    }

    /** As in training: a text of short captions is padded to the model's time steps, so that figures compare. */
    @Test
    void evalPadsToTheModelsSteps() {
        Path brief = Tiny.text(folder, "brief.txt", "a cat\n");
        assertEquals(18, Tool.json("eval", model, brief, "--json").get("steps").getAsInt());
        Path longer = Tiny.text(folder, "longer.txt", "a cat sits\na cat is here is a cat\n");
        assertEquals(23, Tool.json("eval", model, longer, "--json").get("steps").getAsInt());
    }

    /** Characters that JSON must escape, and one beyond the first plane. */
    @Test
    void everyCharacterSurvives() {
        String caption = "\"\\<&>'\u2028\t\u0001\uD83D\uDC31\u00F6";
        Path odd = Tiny.text(folder, "odd.txt", caption + "\n");
        String target = Tool.json("encode", odd, "--json").getAsJsonArray("target").asList().stream()
                .map(JsonElement::getAsString).collect(Collectors.joining());
        assertEquals(caption, target.replace("<end>", ""));
        Path trained = Tiny.train(odd, folder.resolve("odd"));
        assertEquals(Json.array(List.of(caption)), JsonParser.parseString(Tool.output("sample", trained, "--count", 1,
                "--prime", caption, "--json", "--max-length", caption.codePointCount(0, caption.length()))));
    }

    /** All symbols are equally probable: both take the first of them. */
    @ParameterizedTest
    @ValueSource(strings = {"cpu", "reference"})
    void evalAndVerifyBreakTiesAlike(String device) {
        Path text = Tiny.text(folder, "two.txt", "a cat\na dog\n");
        SavedModel trained = ModelFile.load(model);
        List<Tensor> zeros = trained.weights().tensors().stream()
                .map(tensor -> new Tensor(tensor.name(), tensor.shape(), new double[tensor.values().length])).toList();
        Path zero = folder.resolve("zeros.safetensors");
        ModelFile.save(zero, new SavedModel(trained.config(), trained.steps(), trained.vocabulary(),
                new Weights(trained.config(), zeros)));
        int agree = 0;
        int steps = 0;
        for (int caption = 0; caption < 2; caption++) {
            JsonObject shown = Tool.json("verify", zero, text, "--caption", caption, "--json", "--device", device);
            agree += shown.get("agree").getAsInt();
            steps += shown.get("steps").getAsInt();
        }
        assertTrue(agree > 0 && agree < steps, agree + " of " + steps);
        assertEquals((double) agree / steps,
                Tool.json("eval", zero, text, "--json", "--device", device).get("accuracy").getAsDouble(), 1e-12);
    }

    private static List<JsonObject> scores(String output) {
        return output.lines().map(line -> JsonParser.parseString(line).getAsJsonObject()).toList();
    }

    private static double sum(List<JsonObject> scores, String name) {
        return scores.stream().mapToDouble(score -> score.get(name).getAsDouble()).sum();
    }

    private static JsonObject evaluated(Object of, Path text) {
        return Tool.json("eval", of, text, "--json");
    }

    /** More captions than are computed side by side, all as long as the model's time steps, so that none is padded. */
    @Test
    void theSumOfScoresIsTheLossOfEval() throws IOException {
        StringBuilder captions = new StringBuilder();
        for (int i = 0; i < 7; i++) {
            for (String caption : Tiny.CAPTIONS) {
                captions.append((caption + ' ' + caption + ' ' + caption).substring(i % 3, i % 3 + 17)).append('\n');
            }
        }
        Path text = Files.writeString(folder.resolve("long.txt"), captions);
        JsonObject eval = evaluated(model, text);
        assertEquals(18, eval.get("steps").getAsInt());
        List<JsonObject> scores = scores(Tool.output("score", model, text, "--json"));
        assertEquals(140, scores.size());
        assertEquals(140 * 18, sum(scores, "symbols"));
        assertEquals(eval.get("loss").getAsDouble() * 140 * 18, -sum(scores, "log_probability"), 1e-3);
        assertEquals(eval.get("bits_per_character").getAsDouble(), sum(scores, "bits_per_character") / 140, 1e-6);
        assertEquals(eval.get("loss").getAsDouble(), scores.stream()
                .mapToDouble(score -> Math.log(score.get("perplexity").getAsDouble())).sum() / 140, 1e-6);
    }

    /** Of a model that does not know that its text was in lower case. */
    @Test
    void scoredLinesArePutInLowerCase() throws IOException {
        Path lower = Files.writeString(folder.resolve("one.txt"), "a cat sits\n");
        Path upper = Files.writeString(folder.resolve("One.txt"), "A Cat sits\n");
        assertEquals(Tool.output("score", model, lower, "--json"),
                Tool.output("score", model, upper, "--json", "--lower-case"));
    }

    /** However long the lines beside it are. */
    @Test
    void theScoreOfALineIsThatOfItsSymbolsOneByOne() {
        Tool tool = Tool.given("a dog\n \na cat sits\r\na", "score", model, "-", "--json");
        assertEquals("", tool.err());
        List<JsonObject> scores = scores(tool.out());
        assertEquals(List.of(1, 3, 4), scores.stream().map(score -> score.get("line").getAsInt()).toList());
        assertEquals(List.of(6, 11, 2), scores.stream().map(score -> score.get("symbols").getAsInt()).toList());
        double sum = 0;
        for (int i = 0; i <= "a dog".length(); i++) {
            String next = i < "a dog".length() ? "a dog".substring(i, i + 1) : "<end>";
            sum += objects("top", model, "-k", 99, "--prefix", "a dog".substring(0, i), "--json").stream()
                    .filter(entry -> entry.get("char").getAsString().equals(next))
                    .mapToDouble(entry -> Math.log(entry.get("probability").getAsDouble())).sum();
        }
        assertEquals(sum, scores.getFirst().get("log_probability").getAsDouble(), 1e-6);
    }

    @Test
    void scoresOfRunningTextBeginWithTheSecondCharacter() throws IOException {
        Path text = Files.writeString(folder.resolve("running.txt"), "the cat\nand the dog\n".repeat(20));
        Path run = folder.resolve("running");
        Tool.output("train", text, "--window", 6, "--hidden", 8, "--dense", 0, "--epochs", 2, "--out", run);
        Path one = Files.writeString(folder.resolve("one.txt"), "the cat");
        JsonObject score = scores(Tool.output("score", run, one, "--json")).getFirst();
        assertEquals(6, score.get("symbols").getAsInt());
        assertEquals(6 * evaluated(run, one).get("loss").getAsDouble(), -score.get("log_probability").getAsDouble(),
                1e-5);
    }

    /** Whether one caption fits is no matter of the others: neither what they are made of, nor how long they are. */
    @Test
    void verifyTakesACaptionThatFitsAmongOthersThatDoNot() {
        String fits = Tool.output("verify", model, Tiny.text(folder, "fits.txt", "a cat\n"));
        Path text = Tiny.text(folder, "mixed.txt", "a d\u00F6g\n\n" + "a cat ".repeat(10) + "\na cat\n");
        assertEquals(fits, Tool.output("verify", model, text, "--caption", 2));
        Refusal.of(Main.FAILED, folder, "verify", model, text);
    }

    /** The same of windows of running text. */
    @Test
    void verifyTakesAWindowThatFitsAmongOthersThatDoNot() {
        Path book = Tiny.text(folder, "book.txt", "a cat sits. a dog runs. ");
        Path running = folder.resolve("windows");
        Tiny.train(book, running, "--window", 5, "--epochs", 1);
        Path text = Tiny.text(folder, "mixed-book.txt", "a cat\nd\u00F6gs. a dog runs.");
        assertTrue(Tool.output("verify", running, text, "--caption", 2).contains("target     a do\n"));
        Refusal.of(Main.FAILED, folder, "verify", running, text, "--caption", 1);
    }
}
