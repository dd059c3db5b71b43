package org.charlstm.cli.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import module java.base;
import org.charlstm.InProcesses;
import org.charlstm.circle.SecondCircle;
import org.charlstm.cli.Main;
import org.charlstm.cli.Tiny;
import org.charlstm.cli.Tool;
import org.charlstm.run.folder.RunFolder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code serve} in a process of its own: what only its memory, its environment or its command line shows. */
@Timeout(value = 900, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@InProcesses
class ServeProcessTest {
    private static final int EPOCHS = 60_000;
    private static final String TOKEN = "0123456789abcdefg";

    @TempDir
    private Path folder;

    private static HttpResponse<String> get(HttpClient client, URI address, String... headers) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(address);
        if (headers.length > 0) {
            request.headers(headers);
        }
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private static Path run(Path run, int epochs, int best) throws IOException {
        Files.createDirectories(run);
        try (BufferedWriter metrics = Files.newBufferedWriter(run.resolve(RunFolder.METRICS))) {
            for (int epoch = 1; epoch <= epochs; epoch++) {
                metrics.write("{\"epoch\":" + epoch + ",\"loss\":" + (1 + Math.abs(epoch - best))
                        + ",\"real_loss\":2.123456789,\"bits_per_character\":3.0634567891,\"val_real_loss\":1.2345678,"
                        + "\"val_bits_per_character\":1.781123451,\"learning_rate\":0.0012345678,\"seconds\":1.5,"
                        + "\"chars_per_second\":12345.678}\n");
            }
        }
        return run;
    }

    /** Files of 40 MB together, of which a heap of 48 holds some lines. */
    @Test
    @SecondCircle("a small JVM; RunsTest has long runs")
    void longRunsAreServedFromALittleMemory() throws Exception {
        for (int i = 0; i < 3; i++) {
            run(folder.resolve("runs").resolve("run" + i), EPOCHS, 10_001 + i);
        }
        List<String> flags = Stream.concat(Jvm.VECTORS.stream(), Stream.of("-Xmx48m")).toList();
        try (Jvm jvm = new Jvm(folder, null, flags, System.getProperty("java.class.path"),
                List.of("serve", folder.resolve("runs"), "--port", 0, "--device", "cpu", "--threads", 1));
                BufferedReader lines = jvm.process().inputReader(StandardCharsets.UTF_8);
                HttpClient client = HttpClient.newHttpClient()) {
            URI address = URI.create(lines.readLine().replaceFirst(".* at ", ""));
            JsonArray runs;
            do {
                // An answer waits a second for files; a run that is still being read has no epoch in it yet.
                HttpResponse<String> answer = get(client, address.resolve("/api/runs"));
                assertEquals(200, answer.statusCode(), answer.body());
                runs = JsonParser.parseString(answer.body()).getAsJsonObject().getAsJsonArray("runs");
                assertEquals(3, runs.size());
            } while (runs.asList().stream().anyMatch(each -> !each.getAsJsonObject().has("epoch")));
            for (int i = 0; i < 3; i++) {
                JsonObject run = runs.get(i).getAsJsonObject();
                assertEquals(EPOCHS + " " + (EPOCHS - 10_000 - i) + ".0", run.get("epoch").getAsInt() + " "
                        + run.get("loss").getAsDouble());
                assertEquals("{\"epoch\":" + (10_001 + i) + ",\"name\":\"loss\",\"loss\":1}",
                        run.get("best").toString());
                JsonArray shown = JsonParser.parseString(get(client, address.resolve("/api/runs/run" + i)).body())
                        .getAsJsonObject().getAsJsonArray("metrics");
                assertTrue(shown.size() > 500 && shown.size() < EPOCHS / 2, "" + shown.size());
                assertEquals("1 " + EPOCHS, epoch(shown, 0) + " " + epoch(shown, shown.size() - 1));
            }
            assertEquals(List.of(), jvm.errors());
        }
    }

    private static int epoch(JsonArray lines, int index) {
        return lines.get(index).getAsJsonObject().get("epoch").getAsInt();
    }

    /** Where others of the machine do not see it. */
    @Test
    @SecondCircle("another process; AccessTest has the token")
    void theTokenComesFromAFileOrTheEnvironment() throws Exception {
        Path run = run(folder.resolve("run"), 3, 3);
        Path file = Files.writeString(folder.resolve("token"), TOKEN + "\n");
        Map<String, String> none = Map.of("CHARLSTM_TOKEN", "");
        Map<String, String> variable = Map.of("CHARLSTM_TOKEN", TOKEN);
        for (Map.Entry<Map<String, String>, List<Object>> each : List.of(Map.entry(none,
                List.<Object>of("--token-file", file)), Map.entry(variable, List.<Object>of()))) {
            try (Jvm jvm = new Jvm(folder, each.getKey(), Tiny.with(new Object[] {"serve", run, "--port", 0, "--device",
                "cpu", "--threads", 1}, each.getValue().toArray()));
                    BufferedReader lines = jvm.process().inputReader(StandardCharsets.UTF_8);
                    HttpClient client = HttpClient.newHttpClient()) {
                String line = lines.readLine();
                assertTrue(line.endsWith("/?token=" + TOKEN), line);
                URI runs = URI.create(line.replaceFirst(".* at ", "")).resolve("/api/runs");
                assertEquals(401, get(client, runs).statusCode());
                assertEquals(200, get(client, runs, "Authorization", "Bearer " + TOKEN).statusCode());
                assertFalse(jvm.process().info().commandLine().orElse("").contains(TOKEN));
            }
        }
        Tool refused = Jvm.run(folder, Map.of("CHARLSTM_TOKEN", "short"), "serve", run, "--port", 0);
        assertEquals(Main.USAGE, refused.code());
        assertEquals(
                "charlstm: CHARLSTM_TOKEN must be from 16 to 200 letters, digits, - or _; leave it out to have one "
                        + "made up",
                refused.err());
    }
}
