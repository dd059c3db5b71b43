package org.charlstm.cli.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import module java.base;
import org.charlstm.cli.Main;
import org.charlstm.cli.Refusal;
import org.charlstm.cli.Tiny;
import org.charlstm.cli.Tool;
import org.charlstm.device.Device;
import org.charlstm.device.DeviceOptions;
import org.charlstm.device.Devices;
import org.charlstm.io.ModelFile;
import org.charlstm.io.SavedModel;
import org.charlstm.nn.Model;
import org.charlstm.nn.Prediction;
import org.charlstm.random.Philox;
import org.charlstm.random.Purpose;
import org.charlstm.report.Report;
import org.charlstm.run.folder.RunFolder;
import org.charlstm.sample.Predictor;
import org.charlstm.text.Preprocessing;
import org.charlstm.text.RunningText;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Models of running text, of every step and of the last of each window alone, from training to every command. */
@Tag("long")
class RunningTextCommandsTest {
    private static final int WINDOW = 6;
    private static final String CONTENT = "the cat\nand the dog\n\n".repeat(20);

    /** Four sentences in one paragraph. */
    private static final String PROSE = """
            A cat sits on the mat. Is it
            the old one?  No, said he.
            A dog ran.
            """;

    @TempDir
    private static Path folder;
    private static Path text;
    private static Path prose;
    private static Path run;
    private static String printed;
    /** A run of the last steps, its model of the best epoch, which is the last, and what training printed. */
    private static Path last;
    private static Path lastModel;
    private static String lastPrinted;

    @BeforeAll
    static void train() {
        text = Tiny.text(folder, "running.txt", CONTENT);
        prose = Tiny.text(folder, "prose.txt", PROSE.repeat(4));
        run = folder.resolve("run");
        printed = Tool.output("train", text, "--window", WINDOW, "--hidden", 8, "--dense", 0, "--epochs", 2,
                "--validation-split", 0.2, "--sample-every", 1, "--sample-count", 2, "--out", run);
        last = folder.resolve("last");
        lastModel = last.resolve(RunFolder.BEST);
        lastPrinted = Tool.output(lastTraining(last, "--epochs", 2, "--sample-every", 2, "--sample-count", 1));
    }

    private static Object[] lastTraining(Path out, Object... more) {
        return Tiny.with(new Object[] {"train", text, "--window", WINDOW, "--stride", 2, "--predict", "last",
            "--hidden", 8, "--dense", 0, "--batch-size", 32, "--learning-rate", 0.01, "--validation-split", 0.2,
            "--threads", 1, "--out", out}, more);
    }

    private static double loss(Path model, Object... more) {
        return Tool.json(Tiny.with(new Object[] {"eval", model, text, "--json"}, more)).get("loss").getAsDouble();
    }

    private static List<String> strings(String json) {
        return JsonParser.parseString(json).getAsJsonArray().asList().stream().map(JsonElement::getAsString).toList();
    }

    @Test
    void samplesHaveTheLengthOfRunningText() {
        Path model = run.resolve(ModelFile.NAME);
        SavedModel saved = ModelFile.load(model);
        assertFalse(saved.vocabulary().hasMarkers());
        assertEquals("the ca\nndog", saved.vocabulary().characters());
        assertEquals(WINDOW, saved.steps());
        String written = Tool.output("sample", model, "--count", 1, "--prime", "the");
        assertTrue(written.startsWith("the"), written);
        assertEquals(3 + 400 + 1, written.length());
        assertEquals(9 + 1, Tool.output("sample", model, "--count", 1, "--prime", "the", "--window", WINDOW,
                "--temperature", 0, "--max-length", 9).length());
        Tool.output("train", text, "--init", run, "--epochs", 1, "--out", folder.resolve("further"));
    }

    /** Lines as lines with a separator between texts; a sign for a line end where each text has one line. */
    @Test
    void lineEndsAreShown() throws IOException {
        List<String> shown = printed.lines().filter(line -> line.startsWith("    ")).toList();
        assertEquals(4, shown.size(), printed);
        assertTrue(shown.stream().allMatch(line -> line.matches("    .*\u23CE.*")) && !printed.contains("\uFFFD"),
                printed);
        String report = Files.readString(run.resolve(Report.NAME));
        assertTrue(report.contains("<p>" + shown.getLast().substring(4).replace("\u23CE", "\n") + "</p>")
                && !report.contains("\uFFFD"), report);
        Object[] line = {"sample", run, "--last", "--count", 3, "--prime", "the\n"};
        String texts = Tool.output(line);
        List<String> each = List.of(texts.substring(0, texts.length() - 1).split("\n--------------------\n", -1));
        assertEquals(3, each.size(), texts);
        each.forEach(one -> assertTrue(one.startsWith("the\n") && one.length() == 404, texts));
        assertEquals(each, strings(Tool.output(Tiny.with(line, "--json"))));
    }

    @Test
    void evalOfLastStepsIsWhatTheModelPredictsAfterEachWindow() throws IOException {
        SavedModel saved = ModelFile.load(run);
        double sum = 0;
        int windows = 0;
        try (Device device = Devices.open("cpu", DeviceOptions.DEFAULT);
                Model model = new Model(device, saved.weights())) {
            for (int at = 0; at + WINDOW < CONTENT.length(); at += 5) {
                double[] next = Predictor.next(model, saved.vocabulary(), CONTENT.substring(at, at + WINDOW));
                sum -= Math.log(next[saved.vocabulary().id(CONTENT.charAt(at + WINDOW))]);
                windows++;
            }
        }
        assertEquals(sum / windows, loss(run.resolve(ModelFile.NAME), "--stride", 5, "--last-step"), 1e-5);
    }

    /** Sentence after sentence, the first character is one that the exact walk over the text's counts gives. */
    @Test
    void samplesBeginWithCharactersAsOftenAsTheTextHasThem() throws IOException {
        Path model = run.resolve(ModelFile.NAME);
        SavedModel saved = ModelFile.load(model);
        String characters = saved.requireVocabulary().characters();
        long[] counts = characters.chars().mapToLong(c -> CONTENT.chars().filter(each -> each == c).count()).toArray();
        assertArrayEquals(counts, saved.requireVocabulary().counts());
        StringBuilder expected = new StringBuilder();
        for (int i = 0; i < 70; i++) {
            long at = (long) (Philox.uniform(7, Purpose.SAMPLE, i, 0) * CONTENT.length());
            int symbol = 0;
            for (long upTo = counts[0]; at >= upTo; upTo += counts[symbol]) {
                symbol++;
            }
            expected.append(characters.charAt(symbol));
        }
        Object[] line = {"sample", model, "--count", 70, "--seed", 7, "--max-length", 12, "--temperature", 0, "--json"};
        List<String> written = strings(Tool.output(line));
        assertEquals(expected.toString(), written.stream().map(one -> one.substring(0, 1))
                .collect(Collectors.joining()));
        Path lines = Files.writeString(folder.resolve("lines.txt"), "\nthe\n");
        String[] mixed = Tool.output("sample", model, "--prime-file", lines, "--seed", 7, "--max-length", 12,
                "--temperature", 0).split("\n--------------------\n", -1);
        assertEquals(written.getFirst(), mixed[0]);
        assertTrue(mixed[1].startsWith("the"), mixed[1]);
        assertTrue(Tool.output("top", model, "-k", 1).startsWith("0.142857  't'"));
        Tool picked = Tool.given("t\n.\n", "sample", model, "--interactive");
        assertEquals("t\n", picked.out(), picked.toString());
    }

    /** By windows that are started anew for every character. */
    private static double[] logProbabilities(String of, int from) {
        SavedModel saved = ModelFile.load(lastModel);
        try (Device device = Devices.open("cpu", DeviceOptions.DEFAULT);
                Model model = new Model(device, saved.weights())) {
            return IntStream.range(from, of.length()).mapToDouble(at -> Math.log(Predictor.next(model,
                    saved.vocabulary(), of.substring(Math.max(0, at - WINDOW), at))[saved.vocabulary()
                            .id(of.charAt(at))]))
                    .toArray();
        }
    }

    @Test
    void aModelOfLastStepsIsMeasuredByThem() throws IOException {
        double[] each = logProbabilities(CONTENT, WINDOW);
        for (int stride : new int[] {1, 5}) {
            JsonObject json = Tool.json("eval", lastModel, text, "--stride", stride, "--json");
            double sum = -IntStream.range(0, each.length).filter(i -> i % stride == 0).mapToDouble(i -> each[i]).sum();
            int windows = (each.length - 1) / stride + 1;
            assertEquals(windows, json.get("captions").getAsInt());
            assertEquals(sum / windows, json.get("loss").getAsDouble(), 1e-5);
            assertEquals(sum / windows, json.get("real_loss").getAsDouble(), 1e-5);
        }
        double validation = JsonParser.parseString(Files.readAllLines(last.resolve(RunFolder.METRICS)).getLast())
                .getAsJsonObject().get("val_loss").getAsDouble();
        // The last 41 of 207 windows, of every second character.
        assertEquals(-IntStream.range(166, 207).mapToDouble(i -> each[2 * i]).average().orElseThrow(), validation,
                1e-5);
    }

    @Test
    void aModelOfLastStepsScoresThroughItsWindow() throws IOException {
        String line = "and the dog and the cat";
        Path lines = Files.writeString(folder.resolve("lines.txt"), line + "\n");
        double expected = Arrays.stream(logProbabilities(line, 1)).sum();
        assertEquals(expected, Tool.json("score", lastModel, lines, "--json").get("log_probability").getAsDouble(),
                1e-4);
    }

    @Test
    void aModelOfLastStepsWritesThroughItsWindow() {
        Object[] line = {"sample", lastModel, "--count", 1, "--max-length", 200, "--json"};
        String written = Tool.output(line);
        assertEquals(written, Tool.output(Tiny.with(line, "--window", WINDOW)));
        String sentence = strings(written).getFirst();
        assertTrue(lastPrinted.contains("    " + sentence.replace('\n', '\u23CE') + "\n"), lastPrinted + sentence);
        assertEquals(Tool.output("top", lastModel, "--prefix", "the dog"),
                Tool.output("top", lastModel, "--prefix", "he dog"));
    }

    @Test
    void aModelOfLastStepsGoesOnToTheBit() throws IOException {
        Path stopped = folder.resolve("stopped");
        Tool.output(lastTraining(stopped, "--epochs", 1));
        Tool.output("train", "--resume", stopped, "--epochs", 2);
        assertEquals(-1, Files.mismatch(last.resolve(ModelFile.NAME), stopped.resolve(ModelFile.NAME)));
        Path further = folder.resolve("further-last");
        Tool.output("train", text, "--init", lastModel, "--epochs", 1, "--out", further);
        assertEquals(Prediction.LAST, ModelFile.load(further).config().prediction());
        Path keras = folder.resolve("model.h5");
        Path back = folder.resolve("back.safetensors");
        Tool.output("export", lastModel, "-o", keras);
        Tool.output("import", keras, "--text", text, "--order", "appearance", "-o", back);
        assertEquals(ModelFile.load(lastModel).weights(), ModelFile.load(back).weights());
    }

    @Test
    void sentencesAreThoseOfTheParagraphs() {
        List<String> sentences =
                RunningText.of("the text", PROSE).sentences(Integer.MAX_VALUE, null, Preprocessing.NONE).texts();
        assertEquals(List.of("A cat sits on the mat.", "Is it the old one?", "No, said he.", "A dog ran."), sentences);
        assertEquals(2, RunningText.of("the text", PROSE).sentences(2, null, Preprocessing.NONE).size());
        assertEquals(3,
                RunningText.of("the text", "One.\n\n\nTwo.").sentences(9, null, Preprocessing.NONE).line(1) - 1);
    }

    /** As the same sentences one a line; running text has none. */
    @Test
    void sentencesAreMeasuredAsCaptions() {
        Path out = folder.resolve("prose-run");
        Tool.output(Tiny.training(prose, out, "--force", "--format", "sentences", "--epochs", 1));
        assertEquals(2, Tool.lines("sample", out, "--count", 2).size());
        Path lines = Tiny.text(folder, "lines.txt", String.join("\n",
                RunningText.of("the text", PROSE.repeat(4)).sentences(Integer.MAX_VALUE, null, Preprocessing.NONE)
                        .texts()));
        String measured = Tool.output("eval", out, lines);
        assertEquals(measured, Tool.output("eval", out, prose, "--format", "sentences"));
        assertEquals(measured, Tool.output("eval", out, lines, "--format", "captions"));
        assertEquals(Tool.output("verify", out, lines, "--caption", 6),
                Tool.output("verify", out, prose, "--caption", 6, "--format", "sentences"));
    }

    /** The state of a chunk is where the next begins: another loss than that of chunks by themselves. */
    @Test
    void aStreamTrainsAndGoesOn() throws IOException {
        Path whole = folder.resolve("whole");
        Path parts = folder.resolve("parts");
        Object[] options = {"--format", "stream", "--steps", 7, "--validation-split", 0.2};
        Tool.output(Tiny.training(prose, whole, Tiny.with(options, "--epochs", 2)));
        Tool.output(Tiny.training(prose, parts, Tiny.with(options, "--epochs", 1)));
        Tool.output("train", "--resume", parts, "--epochs", 2);
        assertEquals(validationLoss(whole), validationLoss(parts));
        Path windows = folder.resolve("windows");
        Tool.output(Tiny.training(prose, windows, "--window", 7, "--validation-split", 0.2,
                "--epochs", 2, "--no-shuffle"));
        assertTrue(Math.abs(validationLoss(whole) - validationLoss(windows)) > 1e-6);
    }

    private static JsonObject eval(Object... arguments) {
        return Tool.json(Tiny.with(new Object[] {"eval"}, Tiny.with(arguments, "--json", "--threads", 1)));
    }

    /** To the last digit, for the model knows how its training laid out the text. */
    @ParameterizedTest
    @ValueSource(strings = {"--format stream --window 5", "--format stream --window 4 --test-split 0.2",
        "--window 7 --stride 3", "--window 7 --stride 2 --predict last", "--window 9 --accumulate 2",
        "--format sentences", "--format sentences --padding bucket", "--format sentences --padding mask"})
    void evalRepeatsTheFigureOfARunsValidation(String options) throws IOException {
        Path run = folder.resolve("prose-run");
        Path longer = Tiny.text(folder, "longer.txt", PROSE.repeat(9));
        Object[] line = Tiny.with(options.split(" ", -1), "--validation-split", 0.3, "--epochs", 2, "--force");
        Tool.output(Tiny.training(longer, run, line));
        List<Object> held = new ArrayList<>(List.of(run.resolve(ModelFile.NAME), longer, "--validation-split", 0.3));
        held.addAll(options.contains("test") ? List.of("--test-split", 0.2) : List.of());
        held.addAll(options.contains("sentences") ? List.of("--format", "sentences") : List.of());
        assertEquals(validationLoss(run), eval(held.toArray()).get("loss").getAsDouble());
    }

    /** A model of windows, in which nothing was carried on, can be asked for streams, and the reverse. */
    @Test
    void whatIsAskedForGoesBeforeWhatAModelWasTrainedOn() {
        Path run = folder.resolve("prose-run");
        Tool.output(Tiny.training(prose, run, "--force", "--format", "stream", "--window", 4, "--epochs", 2));
        double stream = eval(run, prose).get("loss").getAsDouble();
        assertEquals(stream, eval(run, prose, "--format", "stream").get("loss").getAsDouble());
        assertNotEquals(stream, eval(run, prose, "--format", "windows").get("loss").getAsDouble());
        assertNotEquals(stream, eval(run, prose, "--batch-size", 1).get("loss").getAsDouble());
    }

    @ParameterizedTest
    @CsvSource({"stride, 0", "stride, many", "batch_size, -1", "padding, all"})
    void aLayoutThatCannotBeIsRefused(String name, String value) {
        Path run = folder.resolve("prose-run");
        Tool.output(Tiny.training(prose, run, "--force", "--window", 4, "--epochs", 1));
        SavedModel saved = ModelFile.load(run);
        Path broken = folder.resolve("broken.safetensors");
        ModelFile.save(broken, new SavedModel(saved.config(), saved.steps(), saved.vocabulary(), saved.weights(),
                Map.of(name, value)));
        for (String command : List.of("eval", "verify")) {
            assertEquals("charlstm: " + broken + " has a broken description of its text's layout in its metadata",
                    Refusal.of(Main.FAILED, folder, command, broken, prose));
        }
    }

    /** Steps that a model was not trained by do not count against it. */
    @Test
    void paddingThatWasNotTrainedIsNotMeasured() {
        Path run = folder.resolve("prose-run");
        Tool.output(
                Tiny.training(prose, run, "--force", "--format", "sentences", "--padding", "bucket", "--epochs", 3));
        JsonObject figures = eval(run, prose, "--format", "sentences");
        assertEquals(figures.get("real_loss").getAsDouble(), figures.get("loss").getAsDouble());
        int agree = 0;
        int steps = 0;
        for (int caption = 0; caption < 16; caption++) {
            JsonObject shown = Tool.json("verify", run, prose, "--format", "sentences", "--caption", caption, "--json");
            agree += shown.get("agree").getAsInt();
            steps += shown.get("steps").getAsInt();
        }
        assertEquals(4 * (22 + 18 + 12 + 10 + 4), steps);
        assertEquals((double) agree / steps, figures.get("accuracy").getAsDouble(), 1e-9);
    }

    /** Once, and not of a stream that is as the others: one of four ends in a window of what is nowhere else. */
    @Test
    void aStreamThatDoesWorseThanGuessesIsToldOf() {
        Path odd = Tiny.text(folder, "odd.txt", "ab".repeat(155) + "0123456789".repeat(3));
        Object[] options = {"--format", "stream", "--window", 10, "--batch-size", 4, "--epochs", 2, "--learning-rate",
            0.1, "--hidden", 16, "--dense", 0, "--device", "cpu"};
        Tool tool = Tool.run(Tiny.with(new Object[] {"train", odd, "--out", folder.resolve("odd")}, options));
        assertTrue(tool.err().matches("charlstm: warning: 1 of 4 streams does worse than guesses at the end of epoch "
                + "\\d: a loss of .*\\R"), tool.toString());
        Path even = Tiny.text(folder, "even.txt", "ab".repeat(170));
        assertEquals("",
                Tool.run(Tiny.with(new Object[] {"train", even, "--out", folder.resolve("even")}, options)).err());
    }

    private static double validationLoss(Path out) throws IOException {
        return JsonParser.parseString(Files.readAllLines(out.resolve(RunFolder.METRICS)).getLast()).getAsJsonObject()
                .get("val_loss").getAsDouble();
    }
}
