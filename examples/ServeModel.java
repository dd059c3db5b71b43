// Serves a model from a Java service: GET /sentence?begin=a+man&seed=7 answers with a sentence as text.
// Needs the library, as the README says, and --add-modules jdk.incubator.vector. After TrainAndSample, until Ctrl-C:
//     examples/run ServeModel.java runs/example 8080

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Executors;
import org.charlstm.CharlstmException;
import org.charlstm.device.DeviceOptions;
import org.charlstm.device.Devices;
import org.charlstm.io.ModelFile;
import org.charlstm.io.SavedModel;
import org.charlstm.nn.Model;
import org.charlstm.sample.Sampler;
import org.charlstm.sample.SamplingOptions;

void main(String[] arguments) throws IOException {
    SavedModel saved = ModelFile.load(Path.of(arguments.length == 0 ? "runs/example" : arguments[0]));
    int port = arguments.length < 2 ? 8080 : Integer.parseInt(arguments[1]);
    HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
    // Device and model live as long as the service, and serve one thread at a time: the service has one.
    Model model = new Model(Devices.open("cpu", DeviceOptions.DEFAULT), saved.weights());
    server.setExecutor(Executors.newSingleThreadExecutor());
    server.createContext("/sentence", exchange -> answer(exchange, saved, model));
    server.start();
    IO.println("serving http://localhost:" + server.getAddress().getPort() + "/sentence");
}

void answer(HttpExchange exchange, SavedModel saved, Model model) throws IOException {
    int status = 200;
    String text;
    try {
        Map<String, String> asked = fields(exchange.getRequestURI().getRawQuery());
        SamplingOptions options = SamplingOptions.DEFAULT.maxLength(saved.steps())
                .prime(asked.getOrDefault("begin", "")).seed(Long.parseLong(asked.getOrDefault("seed", "1")));
        text = new Sampler(model, saved.requireVocabulary(), options).sentences(1).getFirst();
    } catch (CharlstmException | IllegalArgumentException e) {
        // A character that the model does not know, for example: the message says which.
        status = 400;
        text = e.getMessage();
    }
    byte[] body = (text + "\n").getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "text/plain; charset=utf-8");
    exchange.sendResponseHeaders(status, body.length);
    try (exchange) {
        exchange.getResponseBody().write(body);
    }
}

Map<String, String> fields(String query) {
    Map<String, String> fields = new HashMap<>();
    for (String field : query == null ? new String[0] : query.split("&")) {
        String[] parts = field.split("=", 2);
        fields.put(parts[0], parts.length == 1 ? "" : URLDecoder.decode(parts[1], StandardCharsets.UTF_8));
    }
    return fields;
}
