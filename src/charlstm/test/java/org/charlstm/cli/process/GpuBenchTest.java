package org.charlstm.cli.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import module java.base;
import org.charlstm.InProcesses;
import org.charlstm.circle.SecondCircle;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** bench/gpu.sh where programs hang, fail or are missing, and in several calls: scripts stand for what it starts. */
@InProcesses
@Needs({Need.BASH, Need.PYTHON})
class GpuBenchTest {
    private static final String BASH = "#!/usr/bin/env bash\n";
    /** Comes to no end while the bench lives, and outlives it by a moment, or if it began too late by some minutes. */
    private static final String ENDLESS =
            "for _ in {1..3000}; do kill -0 $PPID 2>/dev/null || exit; sleep 0.1; done\n";
    /** A check that has ended, as a line. */
    private static final String CHECK = "echo '{\"check\": \"add\", \"cases\": 3, \"passed\": true, \"seconds\": 1}'\n";
    private static final String PASSED = CHECK + "echo '{\"device\": \"cuda\", \"passed\": true}'\n";
    private static final String HERE = here("\"subject\": \"cuDNN\", \"present\": true, \"text\": \"9.13\"");
    /** Leaves what a training leaves. */
    private static final String TRAIN = """
            without=$CHARLSTM_WITHOUT
            while [ "$1" != --out ]; do shift; done
            mkdir -p "$2"
            for _ in 1 2 3 4 5 6; do
              echo '{"seconds": 0.02, "loss": 2.5, "chars_per_second": 1000}'
            done >"$2/metrics.jsonl"
            operations='[{"name": "lstm forward: lstm_cluster_forward", "seconds": 3e-5},
              {"name": "lstm forward", "seconds": 1e-6}]'
            echo "{\\"device\\": {\\"choices\\": [\\"without $without\\"]}, \\"config\\": {\\"steps\\": 100},
              \\"options\\": {}, \\"operations\\": $operations}" >"$2/run.json"
            """;

    @TempDir
    private Path folder;
    private Path bench;

    private record Result(int code, List<String> lines) {
    }

    private static String here(String finding) {
        return "echo '{\"devices\": [{\"name\": \"cuda\", \"here\": true, \"findings\": [{" + finding + "}]}]}'\n";
    }

    private static String missing(String why) {
        String missing = "\\\"here\\\": false, \\\"why_not\\\": \\\"" + why + "\\\", \\\"findings\\\": []";
        return BASH + "echo \"{\\\"devices\\\": [{\\\"name\\\": \\\"cuda\\\", " + missing
                + "}, {\\\"name\\\": \\\"cudasim\\\", " + missing + "}]}\"\n";
    }

    /** A charlstm that does, for each beginning of its arguments, what a script says, and else fails. */
    private static String charlstm(String... cases) {
        StringBuilder script = new StringBuilder(BASH + "called=$(dirname \"$0\")/called\n"
                + "[ ! -f \"$called\" ] || echo \"$*\" >>\"$called\"\ncase \"$*\" in\n");
        for (int i = 0; i < cases.length; i += 2) {
            script.append(cases[i]).append(")\n").append(cases[i + 1]).append(";;\n");
        }
        return script + "*) echo 'charlstm: nothing stands for this' >&2; exit 1 ;;\nesac\n";
    }

    /** The bench as in an image. */
    @BeforeEach
    void copy() throws IOException {
        Path copy = Files.createDirectory(folder.resolve("bench"));
        for (String part : List.of("gpu.sh", "gpu_bench.py", "gpubench", "probe.py", "gpuprobe")) {
            try (Stream<Path> files = Files.walk(Path.of("bench", part))) {
                for (Path file : files.filter(each -> !each.toString().contains("__pycache__")).toList()) {
                    Files.copy(file, copy.resolve(Path.of("bench").relativize(file)));
                }
            }
        }
        Files.createDirectory(folder.resolve("docs"));
        Files.copy(Path.of("docs", "kernel-model.md"), folder.resolve("docs/kernel-model.md"));
        Files.writeString(folder.resolve("image.json"), "{\"commit\": \"first\"}");
        Files.createDirectory(folder.resolve("bin"));
        bench = copy.resolve("gpu.sh");
    }

    private void stand(String name, String script) throws IOException {
        assertTrue(Files.writeString(folder.resolve(name), script).toFile().setExecutable(true));
    }

    private ProcessBuilder builder(String... options) {
        ProcessBuilder builder = new ProcessBuilder(Stream.concat(Stream.of("bash", bench.toString(), "--out",
                folder.resolve("gpu.json").toString()), Stream.of(options)).toList()).redirectErrorStream(true);
        builder.environment().merge("PATH", folder.resolve("bin").toString(), (path, first) -> first + ":" + path);
        return builder;
    }

    private Result run(String... options) throws IOException, InterruptedException {
        Process process = builder(options).start();
        String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Result(process.waitFor(), printed.lines().toList());
    }

    private Map<String, JsonElement> stages() throws IOException {
        return JsonParser.parseString(Files.readString(folder.resolve("gpu.json"))).getAsJsonObject()
                .getAsJsonObject("stages").asMap();
    }

    private JsonObject requireStage(String name, String status) throws IOException {
        JsonObject stage = stages().get(name).getAsJsonObject();
        assertEquals(status, stage.get("status").getAsString(), stage.toString());
        return stage;
    }

    /** Where one check was refused and another found something wrong, something is wrong. */
    @Test
    void anAlgorithmThatCudnnRefusesIsNoFailureButAWrongResultIs() throws IOException, InterruptedException {
        String refused = "\"passed\": false, \"message\": \"1x1: cuDNN has no ALGORITHM LSTM of 1 symbols\"";
        stand("charlstm", charlstm(
                "*' standard'", told(refused.replace("ALGORITHM", "standard")),
                "*' persist-dynamic'", told("\"passed\": true", refused.replace("ALGORITHM", "persist-dynamic")),
                "*' persist-static-small-h'", told(refused.replace("ALGORITHM", "persist-static-small-h"),
                        "\"passed\": false, \"message\": \"1x1: 2, not 1\""),
                "*' plain'", PASSED,
                "*' fused'", CHECK + "echo '{\"check\": \"lst'\nkill -9 $$\n",
                "selftest*", told("\"passed\": true")));
        Result result = run("--only", "selftest-float32*");
        assertEquals(1, result.code, result.lines.toString());
        Map<String, String> expected = Map.of("", "ok", "-standard", "failed", "-persist-static", "ok",
                "-persist-dynamic", "refused", "-persist-static-small-h", "failed", "-plain", "ok", "-fused", "failed");
        for (Map.Entry<String, String> each : expected.entrySet()) {
            JsonObject stage = requireStage("selftest-float32" + each.getKey(), each.getValue());
            assertFalse(stage.getAsJsonObject("result").getAsJsonArray("checks").isEmpty(), stage.toString());
        }
        assertEquals("ended by SIGKILL; 1 checks had ended, the last add",
                stages().get("selftest-float32-fused").getAsJsonObject().get("message").getAsString());
        assertTrue(stages().get("selftest-float32-plain").toString().contains("\"name\":\"add\""));
        assertTrue(result.lines.contains("not as it should be: selftest-float32-fused, selftest-float32-standard, "
                + "selftest-float32-persist-static-small-h"), result.lines.toString());
    }

    /** A self-test that has these ends of checks to say. */
    private static String told(String... checks) {
        boolean passed = Stream.of(checks).noneMatch(check -> check.contains("false"));
        return Stream.of(checks).map(check -> "echo '{\"check\": \"lstm\", " + check + "}'\n")
                .collect(Collectors.joining()) + "echo '{\"device\": \"cuda\", \"passed\": " + passed
                + ", \"not_run\": 0}'\nexit " + (passed ? 0 : 1) + "\n";
    }

    /** As on a machine without a GPU or with an old driver, and in an image without the simulated one. */
    @Test
    @SecondCircle("another machine")
    void whereThereIsNoDeviceItEndsAfterDoctorWithOneMessage() throws IOException, InterruptedException {
        for (String why : List.of("it is elsewhere", "the driver is for CUDA 11.4, charlstm needs 12.0 or newer")) {
            stand("charlstm", missing(why));
            for (String device : List.of("cuda", "cudasim")) {
                Result result = run("--force", "--device", device);
                assertEquals(1, result.code, result.lines.toString());
                String message = "gpu.sh: no " + device + " here, so that there is nothing to try: " + why;
                assertEquals(device.equals("cuda")
                        ? message + "; a rehearsal needs no GPU: gpu.sh --quick --device cudasim" : message,
                        result.lines.getLast());
                assertEquals(2, result.lines.size(), result.lines.toString());
                assertTrue(stages().size() > 10, stages().keySet().toString());
                assertTrue(stages().get("doctor").getAsJsonObject().has("result"));
                stages().forEach((name, stage) -> assertEquals(name.equals("doctor") ? "failed" : "not run",
                        stage.getAsJsonObject().get("status").getAsString(), name));
            }
        }
    }

    /** By the signal that nothing can act on: what the file holds then is what it held before. */
    @Test
    void aRunThatIsKilledLeavesWhatItHad() throws IOException, InterruptedException {
        stand("charlstm", charlstm("doctor*", HERE, "*", ENDLESS));
        ProcessBuilder builder = builder();
        builder.environment().put("TMPDIR", Files.createDirectory(folder.resolve("temporary")).toString());
        Process process = builder.start();
        try (BufferedReader lines = process.inputReader()) {
            String line = lines.readLine();
            assertTrue(line != null && line.startsWith("doctor: ok, "), line);
        } finally {
            // The program that never answers is a session of its own, which outlives the bench.
            List<ProcessHandle> started = process.descendants().toList();
            process.destroyForcibly();
            started.forEach(ProcessHandle::destroyForcibly);
            assertTrue(process.waitFor(10, TimeUnit.MINUTES), "it does not end");
        }
        assertTrue(stages().size() > 10, stages().keySet().toString());
        stages().forEach((name, entry) -> {
            JsonObject stage = entry.getAsJsonObject();
            assertEquals(name.equals("doctor") ? "ok" : "not run", stage.get("status").getAsString(), name);
            assertEquals(name.equals("doctor"), stage.has("result"), name);
        });
    }

    /** A kernel that never ends, and one that faults: each costs its own stage, which alone is tried again. */
    @Test
    @SecondCircle("waits for what hangs")
    void theNextCallGoesOnWithWhatHungFailedOrWasLeft() throws IOException, InterruptedException {
        String fault = "echo 'charlstm: an illegal address in lstm_cluster_forward' >&2; exit 1\n";
        stand("charlstm", charlstm("doctor*", HERE, "selftest*fused*", CHECK + ENDLESS,
                "train*' --rnn-engine cluster '*", fault, "train*", TRAIN));
        String[] asked = {"--only", "doctor,selftest-bf16-fused", "--only", "train-bf16,train-cluster-bf16",
            "--skip", "doc*", "--minutes", "0.03"};
        // The first begins however little time there is, and has no more than that.
        Result result = run(asked);
        assertEquals(1, result.code, result.lines.toString());
        JsonObject hung = requireStage("selftest-bf16-fused", "timeout");
        assertTrue(hung.get("seconds").getAsDouble() < 30, "its 90 s count, not those of the call");
        assertEquals("add", hung.getAsJsonObject("result").getAsJsonArray("checks").get(0).getAsJsonObject()
                .get("name").getAsString());
        requireStage("doctor", "not run");
        assertEquals("out of time before 2 stages; the same command goes on with them: train-bf16, train-cluster-bf16",
                result.lines.getLast());

        asked[7] = "3";
        result = run("--only", "train-bf16,train-cluster-bf16");
        assertEquals(1, result.code, result.lines.toString());
        // A choice is made without what hung, so that there is a figure.
        JsonObject trained = requireStage("train-bf16", "ok");
        assertTrue(trained.toString().contains("without fused"), trained.toString());
        assertEquals(2, trained.getAsJsonObject("result").get("epochs_left_out").getAsInt());
        assertEquals("charlstm: an illegal address in lstm_cluster_forward",
                requireStage("train-cluster-bf16", "failed").get("message").getAsString());
        assertEquals("add", requireStage("selftest-bf16-fused", "timeout").getAsJsonObject("result")
                .getAsJsonArray("checks").get(0).getAsJsonObject().get("name").getAsString());

        stand("charlstm", charlstm("selftest*", PASSED, "train*", TRAIN));
        Files.createFile(folder.resolve("called"));
        result = run(asked);
        assertEquals(0, result.code, result.lines.toString());
        assertTrue(result.lines.contains("of an earlier call: 1 of 3 stages"), result.lines.toString());
        requireStage("selftest-bf16-fused", "ok");
        requireStage("train-cluster-bf16", "ok");
        assertEquals(2, Files.readAllLines(folder.resolve("called")).size(), "it runs again what was there");
    }

    @Test
    @SecondCircle("another refusal")
    void aRecordOfSomethingElseIsRefusedUnlessItIsForced() throws IOException, InterruptedException {
        stand("charlstm", charlstm("doctor*", HERE));
        assertEquals(0, run("--only", "doctor").code);
        Result result = run("--only", "doctor", "--quick");
        assertEquals(1, result.code);
        assertEquals(List.of("gpu.sh: " + folder.resolve("gpu.json") + " is of another size (--quick or not), false "
                + "and not true; name another file with --out, or write over it with --force"), result.lines);
        Files.writeString(folder.resolve("image.json"), "{\"commit\": \"second\"}");
        result = run("--only", "doctor");
        assertEquals(1, result.code);
        assertTrue(result.lines.size() == 1 && result.lines.getFirst().contains("another build of charlstm"),
                result.lines.toString());
        assertEquals(0, run("--only", "doctor", "--force").code);
        Files.writeString(folder.resolve("gpu.json"), "[1]");
        result = run("--only", "doctor");
        assertTrue(result.code == 1 && result.lines.getFirst().contains("is no record that this version can go on"),
                result.lines.toString());
        result = run("--skip", "selftest-*,trian-*");
        assertTrue(result.code == 2 && result.lines.getLast().contains("no stage is called 'trian-*'; the stages are "
                + "doctor, selftest-float32, "), result.lines.toString());
    }

    /** The card's state while something runs, times of kernels by its clock, and the page that takes them. */
    @Test
    @SecondCircle("another stage")
    void kernelsStandBesideTheirModelAndFillTheTable() throws IOException, InterruptedException {
        stand("bin/nvidia-smi", BASH + """
                case "$*" in
                *-lms*)
                  while kill -0 $PPID; do
                    echo '1980 MHz, 41, 350.5 W'
                    echo '[N/A], 45, 420 W'
                    sleep 0.05
                  done ;;
                *) echo 'NVIDIA H100 80GB HBM3, 580.1, 81559 MiB, 9.0, 1980 MHz, 700.00 W' ;;
                esac
                """);
        stand("charlstm", charlstm("train*", TRAIN + "sleep 0.3\n"));
        Result result = run("--only", "kernels-bf16-cluster");
        assertEquals(0, result.code, result.lines.toString());
        JsonObject stage = requireStage("kernels-bf16-cluster", "ok");
        JsonObject card = stage.getAsJsonObject("card");
        assertEquals("{\"min\":1980.0,\"median\":1980.0,\"max\":1980.0}", card.get("clock_mhz").toString());
        assertEquals("{\"min\":41.0,\"median\":43.0,\"max\":45.0}", card.get("temperature_c").toString());
        JsonObject row = stage.getAsJsonObject("result").getAsJsonArray("kernels").get(0).getAsJsonObject();
        assertEquals("lstm_cluster_forward", row.get("kernel").getAsString());
        assertEquals(30, row.get("microseconds").getAsDouble());
        // 300 ns at 1980 MHz.
        assertEquals(594, row.get("cycles_a_step").getAsInt());
        assertTrue(row.get("model_cycles_a_step").getAsInt() > 500, row.toString());

        Path page = Files.copy(Path.of("kernels", "README.md"), folder.resolve("README.md"));
        Process filling = new ProcessBuilder("python3", "bench/kernel_times.py", folder.resolve("gpu.json").toString(),
                "--table", page.toString()).redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
        assertEquals(0, filling.waitFor());
        List<String> rows = Files.readAllLines(page).stream().filter(line -> line.endsWith("| 30.0 us |")).toList();
        assertTrue(rows.size() == 1 && rows.getFirst().startsWith("| lstm_cluster_forward, bf16"), rows.toString());
    }

    @Test
    void whatIsNotHereIsSkippedWithItsReason() throws IOException, InterruptedException {
        stand("bin/nvidia-smi", BASH + "echo 'Tesla T4, 580.1, 15360 MiB, 7.5, 1590 MHz, 70.00 W'\n");
        stand("charlstm",
                charlstm("doctor*", here("\"subject\": \"cuDNN\", \"present\": false, \"text\": \"no cudnn\"")));
        Result result = run("--only", "doctor,selftest-float32-standard,kernels-float32-cudnn,train-cluster-bf16");
        assertEquals(0, result.code, result.lines.toString());
        for (String name : List.of("selftest-float32-standard", "kernels-float32-cudnn")) {
            assertEquals("no cuDNN: no cudnn", requireStage(name, "skipped").get("message").getAsString());
        }
        assertEquals("clusters of blocks need compute capability 9.0, and this GPU has 7.5",
                requireStage("train-cluster-bf16", "skipped").get("message").getAsString());
    }

    @Test
    void earlyLaunchesMustNotChangeALoss() throws IOException, InterruptedException {
        stand("charlstm", charlstm("train*", TRAIN.replace("2.5,", "2.'${CHARLSTM_EARLY:+6}'5,")));
        String[] asked = {"--only", "train-cluster-bf16-parts-2*,train-units-256-layers-2-bf16-in-order"};
        Result result = run(asked);
        assertEquals(1, result.code, result.lines.toString());
        assertEquals("the loss of epoch 1 is 2.65 and with early launches 2.5",
                requireStage("train-cluster-bf16-parts-2-early-off", "failed").get("message").getAsString());
        requireStage("train-units-256-layers-2-bf16-in-order", "ok");
        stand("charlstm", charlstm("train*", TRAIN));
        assertEquals(0, run(asked).code);
        assertEquals(6, requireStage("train-cluster-bf16-parts-2-early-off", "ok").getAsJsonObject("result")
                .get("epochs_compared").getAsInt());
    }

    /** NVIDIA's tools, where there are any. */
    @Test
    void itsToolsAreAskedWhereTheyAre() throws IOException, InterruptedException {
        stand("charlstm", charlstm("selftest*", PASSED, "train*", TRAIN));
        stand("bin/compute-sanitizer", BASH + """
                while [[ $1 == --* ]]; do [ "$1" = --tool ] && tool=$2; shift 2; done
                "$@"
                [ $tool = memcheck ] && exit
                echo '========= COMPUTE-SANITIZER'
                echo '========= Error: Race reported between Write access at lstm_cluster_forward'
                exit 99
                """);
        stand("bin/ncu", BASH + """
                echo '==PROF== Connected'
                echo '"ID","Kernel Name","Metric Name","Metric Unit","Metric Value"'
                echo '"0","head_tensor(const float *)","gpu__time_duration.sum","nsecond","24,000"'
                echo '"0","head_tensor(const float *)","sm__cycles_elapsed.max","cycle","46,000"'
                """);
        Result result = run("--only", "kernels-ncu", "--only", "sanitize-*-bf16-cluster");
        assertEquals(1, result.code, result.lines.toString());
        requireStage("sanitize-memcheck-bf16-cluster", "ok");
        assertEquals("Error: Race reported between Write access at lstm_cluster_forward",
                requireStage("sanitize-racecheck-bf16-cluster", "failed").get("message").getAsString());
        assertEquals("[{\"kernel\":\"head_tensor\",\"launches\":1,\"microseconds\":24.0,\"cycles\":46000}]",
                requireStage("kernels-ncu", "ok").getAsJsonObject("result").get("kernels").toString());
        stand("bin/ncu", BASH + "echo '==ERROR== ERR_NVGPUCTRPERM - The user does not have permission'; exit 1\n");
        assertEquals(0, run("--only", "kernels-ncu", "--force").code);
        requireStage("kernels-ncu", "skipped");
    }
}
