package org.charlstm.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.charlstm.InProcesses;
import org.charlstm.machine.Signals;
import org.charlstm.run.RunFolder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** A server of little memory, and hundreds of clients that never read. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "it has no such signals")
@InProcesses
class ServeMemoryTest {
    private static final int TEXTS = 300;
    private static final int FOLLOWERS = 80;
    private static final int EPOCHS = 20_000;
    private static final int QUESTIONS = 20;

    @TempDir
    private Path folder;

    private static Socket unread(URI address, String request) throws Exception {
        Socket socket = new Socket();
        socket.setReceiveBufferSize(4096);
        socket.connect(new InetSocketAddress(address.getHost(), address.getPort()));
        socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
        return socket;
    }

    @Test
    void clientsThatNeverReadTakeNeitherItsMemoryNorItsTime() throws Exception {
        Path run = folder.resolve("run");
        Tiny.train(Tiny.text(folder), run);
        try (BufferedWriter metrics = Files.newBufferedWriter(run.resolve(RunFolder.METRICS))) {
            for (int epoch = 1; epoch <= EPOCHS; epoch++) {
                metrics.write("{\"epoch\":" + epoch + ",\"loss\":" + 1.0 / epoch + ",\"accuracy\":0.5,\"seconds\":1.5,"
                        + "\"chars_per_second\":12345.678,\"bits_per_character\":0.0123456789}\n");
            }
        }
        List<String> flags = Stream.concat(Jvm.VECTORS.stream(), Stream.of("-Xmx80m")).toList();
        List<Socket> sockets = new ArrayList<>();
        try (Jvm jvm = new Jvm(folder, null, flags, System.getProperty("java.class.path"),
                List.of("serve", run, "--port", 0, "--device", "cpu", "--threads", 1));
                BufferedReader lines = jvm.process().inputReader(StandardCharsets.UTF_8);
                HttpClient client = HttpClient.newHttpClient()) {
            URI address = URI.create(lines.readLine().replaceFirst(".* at ", ""));
            for (int i = 0; i < TEXTS; i++) {
                String body = "{\"max_length\":100000,\"past_end\":true,\"top\":20,\"seed\":" + i + "}";
                sockets.add(unread(address, "POST /api/sample HTTP/1.1\r\nHost: localhost\r\nContent-Type: "
                        + "application/json\r\nContent-Length: " + body.length() + "\r\n\r\n" + body));
            }
            for (int i = 0; i < FOLLOWERS; i++) {
                sockets.add(unread(address, "GET /api/runs/run/events HTTP/1.1\r\nHost: localhost\r\n\r\n"));
            }
            for (int i = 0; i < QUESTIONS; i++) {
                HttpResponse<String> answer = client.send(HttpRequest.newBuilder(address.resolve("/api/top"))
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString("{\"prefix\": \"a \", \"k\": 3}")).build(),
                        HttpResponse.BodyHandlers.ofString());
                assertEquals(200, answer.statusCode(), answer.body());
            }
            Signals.send(jvm.process().toHandle(), "TERM");
            assertTrue(jvm.process().waitFor(10, TimeUnit.MINUTES));
            assertEquals(List.of("charlstm: ending; once more ends it at once"), jvm.errors());
        } finally {
            for (Socket socket : sockets) {
                socket.close();
            }
        }
    }
}
