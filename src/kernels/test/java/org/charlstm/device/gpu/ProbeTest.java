package org.charlstm.device.gpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.InProcesses;
import org.charlstm.circle.SecondCircle;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The simulated GPU's answers to the probe of real hardware, held to what hardware answered. */
@InProcesses
@Needs({Need.SIMULATED_GPU, Need.PYTHON})
@SecondCircle("what a card would answer, in a process")
class ProbeTest {
    private static final List<String> STAGES = List.of("hardware", "layouts", "numbers", "products", "liberties",
            "repeats", "statuses", "spaces", "clusters", "timing");
    private static final Map<String, String> OF_CLUSTERS = Map.of("CHARLSTM_SIM_CAPABILITY", "900");

    @TempDir
    private static Path folder;
    private static Path answers;

    @BeforeAll
    static void probe() throws IOException, InterruptedException {
        answers = folder.resolve("simulated.json");
        Result result = run(OF_CLUSTERS, "--out", answers.toString());
        assertEquals(0, result.code, result.output);
    }

    @Test
    void everyStageAnswers() throws IOException {
        String record = Files.readString(answers);
        for (String stage : STAGES) {
            assertTrue(record.contains("\n  \"" + stage + "\": {\n    \""), stage);
        }
        assertFalse(record.contains("\"crashed\"") || record.contains("\"missing\""), record);
    }

    /** Their cycles mean something on a card alone. */
    @Test
    void clustersSendInThreeWays() throws IOException {
        List<String> said = Files.readAllLines(answers).stream().filter(line -> line.contains("\"bytes_a_cycle\""))
                .toList();
        assertEquals(3, said.size());
        for (String line : said) {
            assertTrue(line.matches(" *\"(pieces|rows|wide)\": \\{\"cycles\": \\[[\\d.e+]+, [\\d.e+]+\\], "
                    + "\"bytes_a_cycle\": (null|[\\d.e-]+)\\},?"), line);
        }
    }

    /** As charlstm has it, or cuDNN may answer with other bits. */
    @Test
    void cublasHasWorkspacesOfOneSize() throws IOException {
        assertTrue(Files.readString(answers).contains("\"workspaces\": \":4096:2\""));
    }

    @Test
    void agreesWithEveryRecordOfHardware() throws IOException, InterruptedException {
        List<Path> records;
        try (Stream<Path> files = Files.list(Path.of("bench", "results"))) {
            records = files.filter(file -> file.getFileName().toString().matches("(probe|gpu)-.*\\.json")).sorted()
                    .toList();
        }
        Assumptions.assumeFalse(records.isEmpty(), "no record of real hardware yet");
        for (Path record : records) {
            Result result = run("--compare", record.toString(), answers.toString());
            assertEquals(0, result.code, record + "\n" + result.output);
        }
    }

    @Test
    void answersOfASimulatedGpuAreNoRecord() throws IOException, InterruptedException {
        Result result = run("--compare", answers.toString(), answers.toString());
        assertTrue(result.code == 1 && result.output.contains("no record of hardware"), result.output);
    }

    /** The same answers, as though hardware had given them. */
    @Test
    void agreesWithARecordOfTheSame() throws IOException, InterruptedException {
        Result result = run("--compare", record().toString(), answers.toString());
        assertEquals(0, result.code, result.output);
    }

    /** As bench/gpu.sh keeps it. */
    @Test
    void findsARecordAmongTheStagesOfAnother() throws IOException, InterruptedException {
        Path whole = folder.resolve("gpu.json");
        Files.writeString(whole, "{\"stages\": {\"probe\": {\"status\": \"ok\", \"result\": "
                + Files.readString(record()) + "}}}");
        Result result = run("--compare", whole.toString(), answers.toString());
        assertEquals(0, result.code, result.output);
        Files.writeString(whole, "{\"stages\": {\"probe\": {\"status\": \"failed\"}}}");
        result = run("--compare", whole.toString(), answers.toString());
        assertTrue(result.code == 1 && result.output.contains("no record of hardware"), result.output);
    }

    /** One thing in a line otherwise than hardware would have answered, in so many lines of the record. */
    @Test
    void noticesEachDifference() throws IOException, InterruptedException {
        List<String[]> differences = Stream.of(
                "standard/4x3x5x6/null | (\"dx\": \\[)[^,]* | $10.5",
                "standard/4x3x32x32/states | (\"dw7\": \\[)[^,]* | $1\"nan\"",
                "persist_dynamic/4x3x32x32/states | (\"cy\": \\[)[^,]*, | $1",
                "sgemm/TN/33x17x29 | (\"c\": \\[)[^,]* | $1\"inf\"",
                "small_h_then_standard/4x3x38x160/null | (\"dw7\": \\[)[^,]* | $10.5",
                "small_h_then_standard/4x3x38x128/states | \"right\": true | \"right\": false",
                "standard/float32/1x38x128 | (\"places\": \\[\\[)\\d+, \\[1, 128, 38\\] | $10, [1, 38, 128]",
                "standard/float32/1x38x160 | \\[1, 160, 1\\]\\]\\] | [1, 1, 160]]]",
                "standard/float32/173x128x38x128 | \\{.*\\} | {\"refused\": {\"status\": 3000}}",
                "small_h_then_standard/float32/173x128x38x160 | \\{.*\\} | {\"refused\": {\"status\": 3000}}",
                "standard/float32/most/65535x2x5x6 | \\{.*\\} | {\"refused\": {\"status\": 3000}}",
                "standard/replayed_graph | \"right\": true | \"right\": false",
                "persist_static/workspace_spoilt_between_passes | \\{.*\\} | {\"crashed\": \"signal 11\"}",
                "sgemm/NN/128x22144x128 | \"right\": true | \"right\": false")
                .map(line -> line.split(" [|] ")).toList();
        Result result = run("--compare", record(differences).toString(), answers.toString());
        assertEquals(1, result.code, result.output);
        assertEquals(differences.stream().map(each -> each[0]).sorted().toList(),
                result.output.lines().filter(line -> line.startsWith("FAIL"))
                        .map(line -> line.substring(line.indexOf('/') + 1, line.indexOf(':'))).distinct().sorted()
                        .toList());
    }

    /** Each way is held to the standard one. */
    @Test
    void anAlgorithmThatComputesSomethingElseIsWrong() throws IOException, InterruptedException {
        Path cases = folder.resolve("cases");
        Result result = run(Map.of("CHARLSTM_SIM_RNN", "1:wrong"), "--stage", "numbers", "--answers", cases.toString(),
                "--skip", "0");
        assertEquals(0, result.code, result.output);
        List<String> wrong = Files.readAllLines(cases).stream().filter(line -> line.contains("\"right\": false"))
                .toList();
        assertEquals(8, wrong.size());
        assertTrue(wrong.stream().allMatch(line -> line.startsWith("[\"persist_static/")), wrong.toString());
    }

    /** The simulated GPU may refuse what hardware does, but not get it wrong. */
    @Test
    void aWrongResultIsNoRefusal() throws IOException, InterruptedException {
        Path hardware = Files.move(record(), folder.resolve("hardware.json"));
        String name = "small_h_then_standard/4x3x32x32/null";
        Result result = run("--compare", hardware.toString(),
                record(name, "\"right\": true", "\"right\": false").toString());
        assertTrue(result.code == 1 && result.output.contains("FAIL numbers/" + name), result.output);
    }

    /** More than the engine asks for. */
    @Test
    void hardwareMayTakeLongerSequences() throws IOException, InterruptedException {
        String name = "standard/float32/beyond/65536x2x5x6";
        Path record = record(name, "\\{.*\\}", "{\"sizes\": [1, 1]}");
        Result result = run("--compare", record.toString(), answers.toString());
        assertTrue(result.code == 0 && result.output.contains("note statuses/" + name + ": hardware accepts it"),
                result.output);
    }

    /** A record that says the same as the simulated GPU. */
    private static Path record() throws IOException {
        return record(List.of());
    }

    private static Path record(String name, String pattern, String replacement) throws IOException {
        return record(List.<String[]>of(new String[] {name, pattern, replacement}));
    }

    /** The same but for lines of some names, of each of which a pattern is replaced. */
    private static Path record(List<String[]> differences) throws IOException {
        List<String> lines = new ArrayList<>(Files.readAllLines(answers));
        lines.replaceAll(line -> line.replace("\"simulated\": true", "\"simulated\": false"));
        for (String[] difference : differences) {
            List<String> before = List.copyOf(lines);
            lines.replaceAll(line -> !line.startsWith("    \"" + difference[0] + "\": ") ? line
                    : line.replaceFirst(difference[1], difference[2]));
            assertNotEquals(before, lines, difference[0]);
        }
        Path record = folder.resolve("record.json");
        Files.write(record, lines);
        return record;
    }

    private record Result(int code, String output) {
    }

    private static Result run(String... arguments) throws IOException, InterruptedException {
        return run(Map.of(), arguments);
    }

    private static Result run(Map<String, String> environment, String... arguments)
            throws IOException, InterruptedException {
        Path output = folder.resolve("output");
        ProcessBuilder builder = new ProcessBuilder(Stream.concat(Stream.of("python3", "bench/probe.py"),
                Stream.of(arguments)).toList()).redirectErrorStream(true).redirectOutput(output.toFile());
        builder.environment().putAll(environment);
        Process process = builder.start();
        return new Result(process.waitFor(), Files.readString(output));
    }
}
