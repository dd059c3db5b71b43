package org.charlstm.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.charlstm.InProcesses;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** bench/gpu.sh where a run is cut off, and where selftests do not pass. */
@InProcesses
@Needs({Need.BASH, Need.PYTHON})
class GpuBenchTest {
    private static final Path NATIVE = Path.of("target", "native").toAbsolutePath();
    /** Comes to no end while the bench lives, and outlives it by a moment, or if it began too late by some minutes. */
    private static final String ENDLESS = "#!/usr/bin/env bash\nfor _ in {1..3000}; do kill -0 $PPID 2>/dev/null "
            + "|| exit; sleep 0.1; done\n";

    private static final String SELFTESTS = """
            #!/usr/bin/env bash
            refused='{"passed": false, "message": "1x1: cuDNN has no ALGORITHM LSTM of 1 symbols"}'
            case "$*" in
              *--rnn-algo\\ standard) checks=${refused/ALGORITHM/standard} ;;
              *--rnn-algo\\ persist-dynamic) checks='{"passed": true}, '${refused/ALGORITHM/persist-dynamic} ;;
              *--rnn-algo\\ persist-static-small-h)
                checks=${refused/ALGORITHM/persist-static-small-h}', {"passed": false, "message": "1x1: 2, not 1"}' ;;
              selftest*) checks= ;;
              *) exit 1 ;;
            esac
            echo "{\\"checks\\": [$checks]}"
            [[ $checks != *false* ]]
            """;

    private static final String NOT_HERE = """
            #!/usr/bin/env bash
            missing='"here": false, "why_not": "it is elsewhere", "findings": []'
            echo "{\\"devices\\": [{\\"name\\": \\"cuda\\", $missing}, {\\"name\\": \\"cudasim\\", $missing}]}"
            """;

    @TempDir
    private Path folder;

    /** The bench as in an image, with a script for charlstm. */
    private Path bench(String script) throws IOException {
        Path bench = Files.createDirectory(folder.resolve("bench"));
        for (String part : List.of("gpu.sh", "gpu_bench.py", "gpubench", "probe.py", "gpuprobe")) {
            try (Stream<Path> files = Files.walk(Path.of("bench", part))) {
                for (Path file : files.filter(each -> !each.toString().contains("__pycache__")).toList()) {
                    Files.copy(file, bench.resolve(Path.of("bench").relativize(file)));
                }
            }
        }
        Files.writeString(folder.resolve("image.json"), "{}");
        Path charlstm = Files.writeString(folder.resolve("charlstm"), script);
        assertTrue(charlstm.toFile().setExecutable(true));
        return bench.resolve("gpu.sh");
    }

    /** Where one check was refused and another found something wrong, something is wrong. */
    @Test
    void anAlgorithmThatCudnnRefusesIsNoFailureButAWrongResultIs() throws IOException, InterruptedException {
        Path bench = bench(SELFTESTS);
        Files.writeString(bench.resolveSibling("probe.py"), "");
        Path file = folder.resolve("gpu.json");
        Process process = new ProcessBuilder("bash", bench.toString(), "--device", "cudasim", "--out", file.toString())
                .redirectErrorStream(true).redirectOutput(folder.resolve("output").toFile()).start();
        assertEquals(1, process.waitFor(), () -> file.toString());
        JsonObject stages = JsonParser.parseString(Files.readString(file)).getAsJsonObject().getAsJsonObject("stages");
        Map<String, String> expected = Map.of("", "ok", "-standard", "failed", "-persist-static", "ok",
                "-persist-dynamic", "refused", "-persist-static-small-h", "failed");
        expected.forEach((name, status) -> {
            JsonObject stage = stages.getAsJsonObject("selftest-float32" + name);
            assertEquals(status, stage.get("status").getAsString(), stage.toString());
            assertTrue(stage.has("result"), stage.toString());
        });
    }

    /** As on a machine without a GPU, and in an image without the simulated one. */
    @Test
    void whereThereIsNoDeviceItEndsAfterDoctorWithOneMessage() throws IOException, InterruptedException {
        Path bench = bench(NOT_HERE);
        Files.writeString(bench.resolveSibling("probe.py"), "");
        for (String device : List.of("cuda", "cudasim")) {
            Path file = folder.resolve(device + ".json");
            Path errors = folder.resolve("errors");
            Process process = new ProcessBuilder("bash", bench.toString(), "--device", device, "--out",
                    file.toString()).redirectError(errors.toFile()).start();
            String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertEquals(1, process.waitFor(), printed);
            String message = "gpu.sh: no " + device + " here, so that there is nothing to try: it is elsewhere";
            assertEquals(List.of(device.equals("cuda")
                    ? message + "; a rehearsal needs no GPU: gpu.sh --quick --device cudasim" : message),
                    Files.readAllLines(errors));
            assertEquals(2, printed.lines().count(), printed);
            Map<String, JsonElement> stages = JsonParser.parseString(Files.readString(file)).getAsJsonObject()
                    .getAsJsonObject("stages").asMap();
            assertTrue(stages.size() > 10, stages.keySet().toString());
            assertTrue(stages.get("doctor").getAsJsonObject().has("result"));
            stages.forEach((name, stage) -> assertEquals(switch (name) {
                case "probe" -> "ok";
                case "doctor" -> "failed";
                default -> "not run";
            }, stage.getAsJsonObject().get("status").getAsString(), name));
        }
    }

    /** By the signal that nothing can act on: what the file holds then is what it held before. It hangs in doctor. */
    @Test
    @Needs(Need.SIMULATED_GPU)
    void aRunThatIsKilledLeavesWhatItHad() throws IOException, InterruptedException {
        Path file = folder.resolve("gpu.json");
        ProcessBuilder builder = new ProcessBuilder("bash", bench(ENDLESS).toString(), "--device", "cudasim", "--quick",
                "--out", file.toString()).redirectError(folder.resolve("errors").toFile());
        builder.environment().put("CHARLSTM_SIM", NATIVE.toString());
        builder.environment().put("TMPDIR", Files.createDirectory(folder.resolve("temporary")).toString());
        Process process = builder.start();
        try (BufferedReader lines = process.inputReader()) {
            String line = lines.readLine();
            assertTrue(line != null && line.startsWith("probe: ok, "),
                    line + " " + Files.readString(folder.resolve("errors")));
        } finally {
            // The program that never answers is a session of its own, which outlives the bench.
            List<ProcessHandle> started = process.descendants().toList();
            process.destroyForcibly();
            started.forEach(ProcessHandle::destroyForcibly);
            assertTrue(process.waitFor(10, TimeUnit.MINUTES), "it does not end");
        }
        JsonObject stages = JsonParser.parseString(Files.readString(file)).getAsJsonObject().getAsJsonObject("stages");
        assertTrue(stages.size() > 10, stages.keySet().toString());
        stages.asMap().forEach((name, entry) -> {
            JsonObject stage = entry.getAsJsonObject();
            assertEquals(name.equals("probe") ? "ok" : "not run", stage.get("status").getAsString(), name);
            assertEquals(name.equals("probe"), stage.has("result"), name);
        });
    }
}
