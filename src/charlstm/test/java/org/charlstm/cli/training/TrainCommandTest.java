package org.charlstm.cli.training;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import module java.base;
import org.charlstm.cli.Main;
import org.charlstm.cli.Tiny;
import org.charlstm.cli.Tool;
import org.charlstm.io.ModelFile;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.charlstm.report.Report;
import org.charlstm.run.folder.RunFolder;
import org.charlstm.run.folder.StateFile;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The files that {@code train} leaves in a run's folder, and the options that the model's bytes depend on. */
class TrainCommandTest {
    @TempDir
    private Path folder;
    private Path text;
    private int runs;

    @BeforeEach
    void write() {
        text = Tiny.text(folder);
    }

    /** The bytes of a model trained into a folder of its own. */
    private byte[] model(Path from, Object... more) {
        try {
            return Files.readAllBytes(Tiny.train(from, folder.resolve("run" + runs++), more));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static JsonObject object(String json) {
        return JsonParser.parseString(json).getAsJsonObject();
    }

    /** Kibibytes of a size as it is printed. */
    private static double kibibytes(String number, String unit) {
        return Double.parseDouble(number) * (unit.equals("MiB") ? 1024 : 1);
    }

    @Test
    @Needs(Need.SIMULATED_GPU)
    void whatTheKernelsForSequencesCannotRunIsOneLine() {
        Tool result = Tool.run("train", text, "--out", folder.resolve("refused"), "--epochs", 1, "--device", "cudasim",
                "--rnn-engine", "fused", "--hidden", 129);
        assertEquals(1, result.code());
        assertEquals(
                "charlstm: fused runs at most 128 units, not 129; auto does without it (--rnn-engine)",
                result.err().strip());
    }

    /** Of a GPU, and the device is none: the run is the same, and a line says so. */
    @ParameterizedTest
    @CsvSource({"--rnn-engine plain, --rnn-engine is", "--rnn-algo standard --no-graph, '--rnn-algo, --no-graph are'"})
    void optionsOfAGpuThatChangeNothingAreNamed(String options, String named) {
        Tool tool = Tool.run(Tiny.training(text, folder.resolve("run"), Tiny.with(new Object[] {"--epochs", 1,
            "--device", "cpu"}, (Object[]) options.split(" ", 0))));
        assertEquals("charlstm: warning: " + named + " for a GPU, without effect on cpu\n", tool.err());
        assertEquals(0, tool.code());
    }

    /** Twenty captions of 18 steps in batches of 8: two shapes. */
    @ParameterizedTest
    @CsvSource({"--rnn-algo, standard, cudnn standard", "--rnn-algo, persist-dynamic, cudnn persist-dynamic",
        "--rnn-engine, cudnn, cudnn standard", "--rnn-engine, auto, cudnn standard", "--rnn-engine, fused, fused",
        "--rnn-engine, plain, plain", "--lstm, plain, plain"})
    @Needs(Need.SIMULATED_GPU)
    void onAGpuItSaysHowTheLstmRunsAndWhatMemoryItTakes(String option, String value, String choice)
            throws IOException {
        Path out = folder.resolve("run");
        List<String> lines = Tool.output(Tiny.training(text, out, "--epochs", 1, "--device", "cudasim", option,
                value)).lines().toList();
        int start = IntStream.range(0, lines.size()).filter(i -> lines.get(i).startsWith("training on cudasim "))
                .findFirst().orElseThrow();
        List<String> shapes = List.of("LSTM 18 x 8, 8 units: " + choice, "LSTM 18 x 4, 8 units: " + choice);
        assertEquals(shapes, lines.subList(start + 1, start + 3));
        assertEquals(shapes, object(Files.readString(out.resolve(RunFolder.RUN))).getAsJsonObject("device")
                .getAsJsonArray("choices").asList().stream().map(JsonElement::getAsString).toList());
        String memory = lines.get(start + 3);
        Matcher whole = Pattern.compile("device memory ([0-9.]+) (KiB|MiB): (.*)").matcher(memory);
        assertTrue(whole.matches(), memory);
        double sum = 0;
        Set<String> purposes = new HashSet<>();
        for (String part : whole.group(3).split(", ", 0)) {
            Matcher one = Pattern.compile("(.*) ([0-9.]+) (KiB|MiB)").matcher(part);
            assertTrue(one.matches(), memory);
            purposes.add(one.group(1));
            sum += kibibytes(one.group(2), one.group(3));
        }
        assertTrue(purposes.containsAll(Set.of("weights", "gradients", "optimiser state", "corpus", "activations",
                "cuBLAS workspace")), memory);
        // Kibibytes are rounded up, mebibytes to a tenth: the workspace of cuBLAS and the whole.
        assertEquals(sum, kibibytes(whole.group(1), whole.group(2)), purposes.size() + 0.1 * 1024, memory);
        assertTrue(lines.get(start + 4).startsWith("epoch 1/1 "), lines.get(start + 4));
    }

    /** Of what is learned, on each line: captions and an end symbol each where padding is left out. */
    @ParameterizedTest
    @ValueSource(strings = {"lab", "mask", "bucket"})
    void speedsAreOfTheCharactersThatCount(String padding) throws IOException {
        Path out = folder.resolve("run");
        String printed = Tool.output(Tiny.training(text, out, "--epochs", 2, "--padding", padding));
        double counted = padding.equals("lab") ? 20 * 18
                : Tiny.CAPTIONS.stream().mapToInt(caption -> caption.length() + 1).sum();
        double total = 0;
        for (String line : Files.readAllLines(out.resolve(RunFolder.METRICS))) {
            JsonObject figures = object(line);
            double seconds = figures.get("seconds").getAsDouble();
            assertEquals(counted, figures.get("chars_per_second").getAsDouble() * seconds, 1e-6);
            total += seconds;
        }
        String last = String.format(Locale.ROOT, "%n%.2f s in all, %,.0f characters/s%n", total, 2 * counted / total);
        assertTrue(printed.contains(last), last + " is not in " + printed);
    }

    @Test
    void aRunsFolderHoldsModelFiguresAndDescription() throws IOException {
        Path out = folder.resolve("run");
        Tool.output(Tiny.training(text, out, "--epochs", 3, "--seed", 7));
        try (Stream<Path> files = Files.list(out)) {
            assertEquals(Set.of(ModelFile.NAME, StateFile.NAME, RunFolder.METRICS, RunFolder.RUN, RunFolder.SAMPLES,
                    Report.NAME),
                    Set.copyOf(files.map(file -> file.getFileName().toString()).toList()));
        }
        List<String> metrics = Files.readAllLines(out.resolve(RunFolder.METRICS));
        assertEquals(3, metrics.size());
        for (int i = 0; i < 3; i++) {
            JsonObject figures = object(metrics.get(i));
            assertEquals(List.of("epoch", "loss", "real_loss", "bits_per_character", "seconds", "chars_per_second"),
                    List.copyOf(figures.keySet()));
            assertEquals(i + 1, figures.get("epoch").getAsInt());
            double seconds = figures.get("seconds").getAsDouble();
            assertTrue(seconds > 0);
            assertEquals(20 * 18, figures.get("chars_per_second").getAsDouble() * seconds, 1e-6);
        }
        assertTrue(object(metrics.get(2)).get("loss").getAsDouble() < object(metrics.get(0)).get("loss").getAsDouble(),
                "it learned nothing");
        JsonObject run = object(Files.readString(out.resolve(RunFolder.RUN)));
        assertEquals(7, run.get("seed").getAsLong());
        assertEquals("3", run.getAsJsonObject("options").get("epochs").getAsString());
        assertEquals("8", run.getAsJsonObject("options").get("batch-size").getAsString());
    }

    @Test
    void noEpochsKeepTheWeightsOfTheStart() throws IOException {
        Path start = Tiny.train(text, folder.resolve("start"), "--epochs", 2);
        byte[] expected = Files.readAllBytes(start);
        for (Path init : List.of(start, start.getParent())) {
            Path out = folder.resolve("run" + runs++);
            Tool.output("train", text, "--init", init, "--epochs", 0, "--out", out, "--batch-size", 8);
            assertArrayEquals(expected, Files.readAllBytes(out.resolve(ModelFile.NAME)));
            assertEquals("", Files.readString(out.resolve(RunFolder.METRICS)));
            assertFalse(object(Files.readString(out.resolve(RunFolder.RUN))).has("seconds_per_epoch"));
        }
    }

    /** A start is where training goes on: with the vocabulary of the model, not that of the text. */
    @Test
    void aStartBringsItsVocabulary() throws IOException {
        Path start = Tiny.train(text, folder.resolve("start"));
        Path fewer = Tiny.text(folder, "fewer.txt", "sun\ncat\n");
        Path out = folder.resolve("run");
        Tool.output("train", fewer, "--init", start, "--epochs", 1, "--out", out);
        assertEquals(ModelFile.load(start).vocabulary().characters(), ModelFile.load(out).vocabulary().characters());
        assertFalse(Arrays.equals(Files.readAllBytes(start), Files.readAllBytes(out.resolve(ModelFile.NAME))));
    }

    @Test
    void equalRunsGiveEqualBytesAndTheSeedMatters() {
        byte[] first = model(text, "--epochs", 2);
        assertArrayEquals(first, model(text, "--epochs", 2));
        assertFalse(Arrays.equals(first, model(text, "--epochs", 2, "--seed", 2)));
        assertFalse(Arrays.equals(first, model(text, "--epochs", 0)));
        assertFalse(Arrays.equals(first, model(text, "--epochs", 2, "--no-shuffle")));
    }

    @Test
    void theModelFileSaysNothingOfWhereAndWhenItWasMade() {
        byte[] bytes = model(text);
        int length = (int) ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
        JsonObject header = object(new String(bytes, 8, length, StandardCharsets.UTF_8));
        JsonObject metadata = header.getAsJsonObject("__metadata__");
        assertEquals(Set.of("format", "config", "vocabulary", "layout"), metadata.keySet());
        assertEquals(Set.of("symbols", "steps", "layers"),
                object(metadata.get("config").getAsString()).keySet());
        assertEquals(Set.of("characters", "start", "end"), object(metadata.get("vocabulary").getAsString()).keySet());
        String all = new String(bytes, StandardCharsets.ISO_8859_1);
        for (Path place : List.of(text, folder.getFileName(), Path.of("").toAbsolutePath())) {
            assertFalse(all.contains(place.toString()), "it names " + place);
        }
    }

    @Test
    void anyNumberOfThreadsGivesTheSameBytes() throws IOException {
        Path one = folder.resolve("one");
        Path two = folder.resolve("two");
        Object[] sizes = {"--epochs", 2, "--hidden", 20, "--dense", 12, "--batch-size", 8};
        for (Path out : List.of(one, two)) {
            Tool.output(Tiny.with(new Object[] {"train", text, "--out", out, "--threads", out.equals(one) ? 1 : 2},
                    sizes));
        }
        assertEquals(-1, Files.mismatch(one.resolve(ModelFile.NAME), two.resolve(ModelFile.NAME)));
    }

    @Test
    void byteOrderMarkAndLineEndsMakeNoDifference() {
        byte[] plain = model(text);
        String lines = String.join("\r\n", Tiny.CAPTIONS);
        assertArrayEquals(plain, model(Tiny.text(folder, "windows.txt", "\uFEFF" + lines + "\r\n")));
        assertArrayEquals(plain, model(Tiny.text(folder, "unfinished.txt", lines)));
        String blanks = "\r\n" + lines.replace("a dog", " \r\n\r\na dog");
        assertArrayEquals(plain, model(Tiny.text(folder, "blank.txt", blanks)));
    }

    @Test
    void maxSamplesTakesTheFirst() {
        Path few = Tiny.text(folder, "few.txt", String.join("\n", Tiny.CAPTIONS.subList(0, 5)));
        assertArrayEquals(model(few), model(text, "--epochs", 1, "--max-samples", 5));
        assertArrayEquals(model(text), model(text, "--epochs", 1, "--max-samples", 1000));
    }

    @Test
    void withoutATextItTrainsOnTheBuiltInCaptions() throws IOException {
        Path generated = Tiny.text(folder, "generated.txt", Tool.output("captions", "--count", 12));
        Path out = folder.resolve("run");
        Tool.output("train", "--max-samples", 12, "--hidden", 8, "--dense", 8, "--batch-size", 8, "--epochs", 1,
                "--out", out);
        assertArrayEquals(model(generated), Files.readAllBytes(out.resolve(ModelFile.NAME)));
    }

    @Test
    void aDivergenceKeepsTheLastGoodWeightsAndTheBest() throws IOException {
        Path out = folder.resolve("run");
        Tool.output(Tiny.training(text, out, "--epochs", 2, "--validation-split", 0.2, "--learning-rate", 0.1));
        byte[] good = Files.readAllBytes(out.resolve(ModelFile.NAME));
        byte[] best = Files.readAllBytes(out.resolve(RunFolder.BEST));
        // As if the rate had been too large from here on.
        Path state = out.resolve(StateFile.NAME);
        Files.writeString(state, Files.readString(state, ISO_8859_1)
                .replace("\\\"learning_rate\\\":\\\"0.1\\\"", "\\\"learning_rate\\\":\\\"9.9\\\"")
                .replace("\\\"learning-rate\\\":\\\"0.1\\\"", "\\\"learning-rate\\\":\\\"9.9\\\""), ISO_8859_1);
        Tool tool = Tool.run("train", "--resume", out, "--epochs", 9);
        assertEquals(Main.FAILED, tool.code());
        assertTrue(tool.err().contains("training diverged in step ") && tool.err().contains(" of epoch 3: "),
                tool.err());
        assertArrayEquals(good, Files.readAllBytes(out.resolve(RunFolder.BEFORE_DIVERGENCE)));
        assertArrayEquals(good, Files.readAllBytes(out.resolve(ModelFile.NAME)));
        assertArrayEquals(best, Files.readAllBytes(out.resolve(RunFolder.BEST)));
    }

    /** Captions of 5 to 17 characters: half of the steps are real. */
    @Test
    void paddingIsLeftOutWhereItIsAskedFor() throws IOException {
        List<Double> real = new ArrayList<>();
        for (String mode : List.of("lab", "mask", "bucket")) {
            Path out = folder.resolve(mode);
            Tool.output(Tiny.training(text, out, "--epochs", 1, "--padding", mode, "--validation-split", 0.2));
            JsonObject figures = JsonParser.parseString(Files.readAllLines(out.resolve("metrics.jsonl")).getFirst())
                    .getAsJsonObject();
            assertEquals(!mode.equals("lab"), figures.get("loss").equals(figures.get("real_loss")), figures::toString);
            assertEquals(!mode.equals("lab"), figures.get("val_loss").equals(figures.get("val_real_loss")),
                    figures::toString);
            real.add(figures.get("val_real_loss").getAsDouble());
        }
        assertTrue(real.stream().allMatch(loss -> Math.abs(loss - real.getFirst()) < 0.2), real::toString);
    }
}
