package org.charlstm.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import module java.base;
import org.charlstm.device.Device;
import org.charlstm.device.DeviceOptions;
import org.charlstm.device.Devices;
import org.charlstm.nn.Model;
import org.charlstm.run.Setup;
import org.charlstm.run.TrainingRun;
import org.charlstm.run.TrainingText;
import org.charlstm.text.Captions;

/** A server of small runs, and a client of it. */
final class Served implements AutoCloseable {
    static final TrainingText TEXT = TrainingText.of(Captions.of(List.of("a cat sits on a mat", "a dog runs",
            "the sun is up", "two cats sleep", "a red bus is here", "the dog sleeps")));
    static final Setup SETUP = Setup.LAB.sized(8, 1, 8).epochs(3);

    private final Device device = Devices.open("cpu", new DeviceOptions(1));
    private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final LocalServer server;

    record Answer(int status, String body) {
        JsonObject json() {
            return JsonParser.parseString(body).getAsJsonObject();
        }
    }

    Served(Path folder, LocalServer.Settings settings, long patienceMillis) {
        server = new LocalServer(device, List.of(folder), settings, patienceMillis);
    }

    Served(Path folder) {
        this(folder, new LocalServer.Settings(null, 0, null, false), 10_000);
    }

    /** Trains into a folder. */
    static void train(Path run, UnaryOperator<TrainingRun> with, Setup setup) {
        try (Device device = Devices.open("cpu", new DeviceOptions(1));
                Model model = new Model(device, setup.weights(TEXT.vocabulary().size()))) {
            with.apply(new TrainingRun(model, TEXT, setup)).train(run, true);
        }
    }

    static void train(Path run) {
        train(run, each -> each, SETUP);
    }

    LocalServer server() {
        return server;
    }

    URI at(String path) {
        return URI.create(server.address()).resolve(path);
    }

    HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    Answer get(String path) throws IOException, InterruptedException {
        HttpResponse<String> response = send(HttpRequest.newBuilder(at(path)));
        return new Answer(response.statusCode(), response.body());
    }

    Answer post(String path, String body) throws IOException, InterruptedException {
        HttpResponse<String> response = send(HttpRequest.newBuilder(at(path)).header("Content-Type",
                "application/json").POST(HttpRequest.BodyPublishers.ofString(body)));
        return new Answer(response.statusCode(), response.body());
    }

    /** Waits until no text is read or written, and no request is under way. */
    void awaitNothing() throws InterruptedException {
        for (int i = 0; i < 500 && server.texts() + server.requests() > 0; i++) {
            Thread.sleep(10);
        }
        assertEquals(0, server.texts(), "a text goes on that nobody reads");
        assertEquals(0, server.requests(), "a request goes on");
    }

    /** A connection to it; the test closes it. */
    Socket connect() throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), at("/").getPort());
        socket.setSoTimeout(10_000);
        return socket;
    }

    /** A request without a body, after which the connection ends. */
    static String request(String methodAndPath, String... headers) {
        return methodAndPath + " HTTP/1.1\r\n" + String.join("\r\n", headers) + "\r\nConnection: close\r\n\r\n";
    }

    /** Sends bytes as they are; gives all that comes until the connection ends. */
    String raw(String request) throws IOException {
        try (Socket socket = connect()) {
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            socket.shutdownOutput();
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Override
    public void close() {
        server.close();
        device.close();
    }
}
