package org.charlstm.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import module java.base;
import org.charlstm.InProcesses;
import org.charlstm.bench.Configuration;
import org.charlstm.bench.Flops;
import org.charlstm.bench.Measurement.Status;
import org.charlstm.bench.ResultRow;
import org.charlstm.bench.Results;
import org.charlstm.circle.SecondCircle;
import org.charlstm.cli.console.Spelling;
import org.charlstm.cli.process.Jvm;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.charlstm.machine.QuickStart;
import org.charlstm.machine.Signals;
import org.charlstm.nn.Models;
import org.charlstm.train.OperationTime;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code bench}: what it measures, prints and writes, and what it refuses. */
@Timeout(value = 900, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@InProcesses
@Order(2)
class BenchCommandTest {
    private static final Path NATIVE = Path.of("target", "native").toAbsolutePath();

    @TempDir
    private Path folder;
    private Path text;
    private Path out;

    @BeforeEach
    void write() {
        text = Tiny.text(folder);
        out = folder.resolve("grid");
    }

    /** A bench of the small text; what follows is added. */
    private Object[] bench(Path out, int repeats, Object... more) {
        return Tiny.with(new Object[] {"bench", text, "--out", out, "--dense", 4, "--epochs", 2, "--repeat", repeats},
                more);
    }

    @Test
    @SecondCircle("a larger grid; runningTextAndBothKindsOfGates has rows of a grid")
    void everyCombinationIsARow() throws Exception {
        // A round by which the peak is measured takes 1.7 s of each thread where C1 alone compiles, else milliseconds.
        List<String> flags = QuickStart.flags().stream().filter(flag -> !flag.startsWith("-XX:Tiered")).toList();
        Tool tool = Jvm.run(folder, null, flags, QuickStart.JAR.toString(), bench(out, 1, "--devices", "cpu,reference",
                "--threads", "1,2", "--precision", "bf16,float32", "--batch-sizes", "4,8", "--hidden", "8",
                "--warm-up", 0));
        assertEquals(0, tool.code(), tool.err());
        Results results = Results.read(out);
        assertEquals(List.of(new Configuration("cpu", "float32", 1, 4, 8, 1, 4, "lstm", "sigmoid", "rmsprop", "lab"),
                new Configuration("cpu", "float32", 1, 8, 8, 1, 4, "lstm", "sigmoid", "rmsprop", "lab"),
                new Configuration("cpu", "float32", 2, 4, 8, 1, 4, "lstm", "sigmoid", "rmsprop", "lab"),
                new Configuration("cpu", "float32", 2, 8, 8, 1, 4, "lstm", "sigmoid", "rmsprop", "lab"),
                new Configuration("reference", "float32", 0, 4, 8, 1, 4, "lstm", "sigmoid", "rmsprop", "lab"),
                new Configuration("reference", "float32", 0, 8, 8, 1, 4, "lstm", "sigmoid", "rmsprop", "lab")),
                results.rows().stream().map(ResultRow::configuration).toList());
        assertNotNull(results.finished());
        assertEquals(20, results.text().captions());
        assertEquals(List.of("charlstm", "bench", text.toString()), results.command().subList(0, 3));
        int symbols = results.text().symbols();
        for (ResultRow row : results.rows()) {
            assertEquals(Status.MEASURED, row.status());
            assertEquals(List.of(2), row.epochSeconds().stream().map(List::size).toList());
            assertEquals(List.of(List.of()), row.warmUpSeconds());
            assertTrue(row.seconds().min() > 0 && row.seconds().min() <= row.seconds().median()
                    && row.seconds().median() <= row.seconds().max(), row.seconds().toString());
            assertEquals(Flops.epoch(Models.of(symbols, 8, 4), 20, results.text().steps()),
                    row.flopsPerEpoch());
            assertEquals(row.configuration().device().equals("cpu"), row.ceilingFlopsPerSecond() != null);
            assertTrue(row.peakHostBytes() > 1 << 20);
            assertEquals(0, row.peakDeviceBytes());
            assertTrue(row.loss() > 0 && row.loss() < Math.log(symbols) + 0.1, "" + row.loss());
            assertEquals(List.of("gather", "add", "lstm forward"),
                    row.operations().stream().limit(3).map(OperationTime::name).toList());
        }
        // One seed, one order, one result: the threads make no difference.
        assertEquals(results.rows().get(0).loss(), results.rows().get(2).loss());
        assertTrue(tool.err().contains("6/6  reference float32, batch 8, hidden 8, layers 1, dense 4: "), tool.err());
        assertTrue(tool.out().startsWith("device     precision threads "), tool.out());
        List<String> csv = Files.readAllLines(out.resolve("results.csv"));
        assertEquals(7, csv.size());
        assertTrue(
                csv.getFirst().startsWith(
                        "device,precision,threads,batch_size,hidden,layers,dense,cell,recurrent_activation,optimizer,"
                                + "padding,parameters,"),
                csv.getFirst());
        assertTrue(
                csv.get(1)
                        .startsWith("cpu,float32,1,4,8,1,4,lstm,sigmoid,rmsprop,lab,"
                                + Models.of(symbols, 8, 4).parameters()
                                + ",measured,2," + results.rows().getFirst().seconds().median() + ","),
                csv.get(1));
        assertTrue(csv.get(5).startsWith("reference,float32,,4,8,"), csv.get(5));
        JsonObject json = JsonParser.parseString(Files.readString(out.resolve("results.json"))).getAsJsonObject();
        String page = Files.readString(Path.of("docs", "bench.md"));
        Stream.of(json, json.getAsJsonObject("text"), json.getAsJsonObject("protocol"),
                json.getAsJsonArray("devices").get(0).getAsJsonObject(),
                json.getAsJsonArray("rows").get(0).getAsJsonObject()).flatMap(part -> part.keySet().stream())
                .forEach(key -> assertTrue(page.contains("`" + key + "`"), key + " is not documented"));
    }

    /** It trains as train does with the same options. */
    @Test
    void runningTextAndBothKindsOfGates() throws Exception {
        Tool tool = Tool.run(bench(out, 1, "--devices", "reference", "--batch-sizes", 4, "--hidden", 8,
                "--warm-up", 0, "--window", 10, "--recurrent-activation", "hard_sigmoid,sigmoid", "--optimizer",
                "adamw"));
        assertEquals(0, tool.code(), tool.err());
        Results results = Results.read(out);
        assertEquals(List.of("hard_sigmoid", "sigmoid"),
                results.rows().stream().map(row -> row.configuration().recurrentActivation()).toList());
        for (ResultRow row : results.rows()) {
            Path run = folder.resolve(row.configuration().recurrentActivation());
            Tool.output("train", text, "--device", "reference", "--batch-size", 4, "--hidden", 8, "--dense", 4,
                    "--window", 10, "--recurrent-activation", row.configuration().recurrentActivation(), "--epochs", 2,
                    "--optimizer", "adamw", "--out", run);
            assertEquals(JsonParser.parseString(Files.readAllLines(run.resolve("metrics.jsonl")).getLast())
                    .getAsJsonObject().get("loss").getAsDouble(), row.loss());
        }
        assertEquals(10, results.text().window());
        assertEquals(10, results.text().steps());
        assertTrue(Files.readString(out.resolve("report.html")).contains(" windows from "));
    }

    @Test
    @SecondCircle("a small JVM; a row that was measured is in the first")
    void whatDoesNotFitIsARowAndNotTheEnd() throws Exception {
        List<String> flags = Stream.concat(QuickStart.flags().stream(), Stream.of("-Xmx64m")).toList();
        Tool tool = Jvm.run(folder, null, flags, QuickStart.JAR.toString(), bench(out, 2, "--devices", "reference",
                "--batch-sizes", 4, "--hidden", "2000000,2000,8"));
        assertEquals(0, tool.code(), tool.toString());
        assertTrue(tool.out().contains("does not fit: out of host memory"), tool.out());
        List<ResultRow> rows = Results.read(out).rows();
        assertEquals(List.of(Status.DOES_NOT_FIT, Status.DOES_NOT_FIT, Status.MEASURED),
                rows.stream().map(ResultRow::status).toList());
        assertTrue(rows.get(0).message().contains("must be from 1 to 1048576"), rows.get(0).message());
        assertTrue(rows.get(1).message().contains("Java heap space"), rows.get(1).message());
        assertEquals(2, rows.get(2).epochSeconds().size());
        // One line for the experiment, one for each that does not fit, and two for the one that does.
        assertEquals(5, Files.readAllLines(out.resolve("journal.jsonl")).size());
        assertTrue(Files.readString(out.resolve("results.csv")).contains(",does-not-fit,0,,,,,,,,,,,\"a model of "));
    }

    @Test
    @SecondCircle("a divergence; TrainerTest has the training")
    void aTrainingThatDivergesIsTimed() throws Exception {
        Tool tool = Tool.run(bench(out, 1, "--devices", "reference", "--batch-sizes", 4, "--hidden", 8,
                "--warm-up", 0, "--cell", "rnn-relu,lstm", "--learning-rate", 1e30, "--clip-norm", 2));
        assertEquals(0, tool.code(), tool.toString());
        List<String> table = tool.out().lines().toList();
        assertTrue(table.get(1).contains(" rnn-relu ") && table.get(1).endsWith("  diverged"), tool.out());
        Results results = Results.read(out);
        assertEquals("1.0E30 2.0", results.protocol().learningRate() + " " + results.protocol().clipNorm());
        for (ResultRow row : results.rows()) {
            assertEquals(Status.MEASURED, row.status());
            assertEquals(2, row.epochSeconds().getFirst().size());
            assertNull(row.loss());
            assertTrue(row.message().startsWith("training diverged in step "), row.message());
        }
        assertTrue(Files.readString(out.resolve("report.html")).contains("rnn-relu: training diverged in step "));
    }

    private Results onSimulatedGpu(int code, String faults, Object... more) throws Exception {
        Map<String, String> environment = Map.of("CHARLSTM_SIM", NATIVE.toString(), "CHARLSTM_SIM_ORDERS", "one",
                "CHARLSTM_SIM_FAULTS", faults);
        Tool tool = Jvm.run(folder, environment, bench(out, 1, Tiny.with(new Object[] {"--devices", "cudasim",
            "--batch-sizes", 4, "--hidden", 8, "--rnn-algo", "standard"}, more)));
        assertEquals(code, tool.code(), tool.toString());
        return Results.read(out);
    }

    @Test
    @Needs(Need.SIMULATED_GPU)
    @SecondCircle("another device")
    void aGpuIsMeasuredInEveryPrecision() throws Exception {
        Results results = onSimulatedGpu(0, "", "--precision", "float32,tf32,bf16");
        assertEquals(List.of("float32", "tf32", "bf16"),
                results.rows().stream().map(row -> row.configuration().precision()).toList());
        for (ResultRow row : results.rows()) {
            assertEquals(Status.MEASURED, row.status());
            assertTrue(row.peakDeviceBytes() > 32 << 20, "cuBLAS' workspace alone is that");
            assertTrue(row.ceilingFlopsPerSecond() > 0);
            assertTrue(row.operations().stream().anyMatch(each -> each.name().equals("lstm backward")));
        }
        assertEquals("charlstm simulated GPU", results.devices().getFirst().hardware());
    }

    /** Of a block for each of four multiprocessors; nothing is said of cuDNN or a processor. */
    @Test
    @Needs(Need.SIMULATED_GPU)
    @SecondCircle("another device; RnnEnginesTest has the largest batch of each engine")
    void theLargestBatchOfAsManyWavesIsSaid() throws Exception {
        Tool tool = Jvm.run(folder, Map.of("CHARLSTM_SIM", NATIVE.toString(), "CHARLSTM_SIM_ORDERS", "one"),
                bench(out, 1, "--devices", "cudasim,cpu", "--batch-sizes", 5, "--hidden", 8, "--rnn-engine", "fused",
                        "--precision", "float32,bf16"));
        assertEquals(0, tool.code(), tool.toString());
        List<Integer> batches = new ArrayList<>();
        Results.read(out).rows().forEach(row -> batches.add(row.waveBatch()));
        assertEquals(Arrays.asList(8, 32, null), batches);
        assertTrue(tool.out().contains(
                "dense 4: time steps of batches up to 32 take no more waves of multiprocessors\n"), tool.out());
        assertTrue(Files.readString(out.resolve("results.json")).contains("\"wave_batch\": 32"));
    }

    @Test
    @Needs(Need.SIMULATED_GPU)
    @SecondCircle("another device; whatDoesNotFitIsARowAndNotTheEnd has the row")
    void aGpuWithoutMemoryIsARow() throws Exception {
        ResultRow row = onSimulatedGpu(0, "oom:25").rows().getFirst();
        assertEquals(Status.DOES_NOT_FIT, row.status());
        assertTrue(row.message().contains("CUDA_ERROR_OUT_OF_MEMORY"), row.message());
    }

    @Test
    @Needs(Need.SIMULATED_GPU)
    @SecondCircle("another fault; whatDoesNotFitIsARowAndNotTheEnd has the row")
    void aCallThatFailsIsARowAndAFailure() throws Exception {
        ResultRow row = onSimulatedGpu(Main.FAILED, "fail:1200").rows().getFirst();
        assertEquals(Status.FAILED, row.status());
        // The driver's, cuDNN's or cuBLAS'.
        assertTrue(row.message().matches(".* failed with status (999|4000|14) .*"), row.message());
    }

    @Test
    void aDeviceThatIsNotHereIsAFailureBeforeAnythingIsWritten() {
        assertTrue(Refusal.of(Main.FAILED, folder, bench(folder.resolve("new"), 1, "--devices", "cuda:9",
                "--batch-sizes", 4)).contains("cuda"));
    }

    @Test
    void aTextIsNotTakenForAMistypedCommand() {
        assertTrue(Spelling.isNearly("comapre", "compare") && Spelling.isNearly("mrge", "merge"));
        for (String text : List.of("captions", "corpora", "large", "me", "compare")) {
            assertFalse(Spelling.isNearly(text, "compare") || Spelling.isNearly(text, "merge"), text);
        }
    }

    /** By default a batch has 128 captions. */
    @Test
    void aTextOfFewerCaptionsThanABatchIsOneBatch() throws IOException {
        Tool tool = Tool.run(bench(out, 1, "--devices", "reference", "--hidden", 8, "--warm-up", 0));
        assertEquals(0, tool.code(), tool.err());
        assertEquals(List.of(new Configuration("reference", "float32", 0, 20, 8, 1, 4, "lstm", "sigmoid", "rmsprop",
                "lab")), Results.read(out).rows().stream().map(row -> row.configuration()).toList());
    }

    private Object[] twice(Object... more) {
        return Tiny.with(new Object[] {"bench", text, "--out", out, "--devices", "reference", "--batch-sizes", 4,
            "--hidden", 8, "--dense", 4, "--epochs", 1, "--repeat", 2}, more);
    }

    private Object[] once(Object... more) {
        return bench(out, 1, Tiny.with(new Object[] {"--devices", "reference", "--batch-sizes", 4, "--hidden", 8,
            "--warm-up", 0}, more));
    }

    private List<String> journal() throws IOException {
        return Files.readAllLines(out.resolve("journal.jsonl"));
    }

    /** The signal comes in the midst of a measurement. A training takes TERM and INT alike: ProcessTest. */
    @ParameterizedTest
    @DisabledOnOs(value = OS.WINDOWS, disabledReason = "it has no such signals")
    @CsvSource({"TERM,143", "KILL,137"})
    @Needs(Need.INTERRUPTS)
    @SecondCircle("kills; anotherGridInTheSameFolderIsRefusedUnlessForced has the journal")
    void goesOnWithTheSameCommand(String signal, int code) throws Exception {
        List<String> before;
        try (Jvm jvm = new Jvm(folder, twice())) {
            while (!Files.exists(out.resolve("journal.jsonl")) || journal().size() < 2) {
                assertTrue(jvm.process().isAlive(), () -> "it ended too soon");
                Thread.sleep(20);
            }
            Signals.send(jvm.process().toHandle(), signal);
            assertTrue(jvm.process().waitFor(10, TimeUnit.MINUTES));
            assertEquals(code, jvm.process().exitValue());
            if (!signal.equals("KILL")) {
                assertTrue(jvm.errors().getLast().startsWith("charlstm: interrupted; "), jvm.errors().toString());
            }
            before = journal();
        }
        assertTrue(before.size() < 3, "all was measured before the signal");
        assertNull(Results.read(out).finished());
        Files.writeString(out.resolve("journal.jsonl"), String.join("\n", before) + "\n{\"configuration\": 1, \"rep");
        Tool tool = Jvm.run(folder, twice());
        assertEquals(0, tool.code(), tool.toString());
        assertTrue(tool.err().contains("\n" + before.size() + "/2  "), tool.err());
        assertEquals(before, journal().subList(0, before.size()));
        assertEquals(3, journal().size());
        Results results = Results.read(out);
        assertNotNull(results.finished());
        results.rows().forEach(row -> assertEquals(2, row.epochSeconds().size()));
    }

    @Test
    void anotherGridInTheSameFolderIsRefusedUnlessForced() throws Exception {
        assertEquals(0, Tool.run(once()).code());
        List<String> before = journal();
        assertEquals(2, before.size());
        String message = Refusal.of(Main.FAILED, folder, once("--layers", 2));
        assertTrue(message.contains("configurations[0].layers is 2, not 1") && message.contains("--force"), message);
        text = Tiny.text(folder, "captions.txt", String.join("\n", Tiny.CAPTIONS).replace('a', 'b') + "\n");
        assertTrue(Refusal.of(Main.FAILED, folder, once()).contains("text.sha256"));
        assertEquals(before, journal());
        assertEquals(0, Tool.run(once("--force")).code());
        assertEquals(2, journal().size());
        assertTrue(journal().stream().noneMatch(before::contains));
    }
}
