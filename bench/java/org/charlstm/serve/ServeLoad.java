package org.charlstm.serve;

import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How many characters a second clients of {@code charlstm serve} get, 1, 8 and 64 at a time:
 *
 * <pre>java bench/java/org/charlstm/serve/ServeLoad.java http://127.0.0.1:8642/ [CHARACTERS [TOKEN]]</pre>
 *
 * Clients run on the same machine and take their part of it. Each asks the first model that the server names for texts
 * of so many characters past the end, and counts the lines that come. Java 17 runs it too.
 */
final class ServeLoad {
    private static final int[] CLIENTS = {1, 8, 64};
    private static final int[] TOP = {0, 10};
    private static final int ROUNDS = 3;
    private static final Pattern ID = Pattern.compile("\"id\"\\s*:\\s*\"([^\"]*)\"");

    private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final URI server;
    private final int characters;
    private final String token;

    private ServeLoad(URI server, int characters, String token) {
        this.server = server;
        this.characters = characters;
        this.token = token;
    }

    /** Prints a row for each number of clients; of three rounds after one to warm up, the median. */
    public static void main(String[] arguments) throws InterruptedException {
        if (arguments.length < 1 || arguments.length > 3) {
            fail(2, "takes the URL that serve prints, and if need be how many CHARACTERS, and a TOKEN");
        }
        ExecutorService threads = Executors.newCachedThreadPool();
        try {
            new ServeLoad(URI.create(arguments[0]), arguments.length > 1 ? Integer.parseInt(arguments[1]) : 2000,
                    arguments.length > 2 ? arguments[2] : "").measure(threads);
        } catch (ConnectException e) {
            fail(1, "nobody answers at " + arguments[0] + "; start ./charlstm serve RUN");
        } catch (IOException e) {
            fail(1, e.getMessage());
        } catch (ExecutionException e) {
            fail(1, e.getCause().getMessage());
        } catch (IllegalArgumentException e) {
            fail(2, e.getMessage());
        } finally {
            threads.shutdown();
        }
    }

    private static void fail(int code, String message) {
        System.err.println("ServeLoad: " + message);
        System.exit(code);
    }

    private void measure(ExecutorService threads) throws IOException, InterruptedException, ExecutionException {
        String model = model();
        System.out.println("model " + model);
        System.out.println("clients  top  characters/s  each client's");
        for (int top : TOP) {
            for (int clients : CLIENTS) {
                List<Double> rates = new ArrayList<>();
                for (int round = 0; round <= ROUNDS; round++) {
                    long start = System.nanoTime();
                    List<Future<Long>> counts = new ArrayList<>();
                    for (int i = 0; i < clients; i++) {
                        int seed = i;
                        counts.add(threads.submit(() -> lines(model, seed, top)));
                    }
                    long all = 0;
                    for (Future<Long> count : counts) {
                        all += count.get();
                    }
                    if (round > 0) {
                        rates.add(all / ((System.nanoTime() - start) * 1e-9));
                    }
                }
                rates.sort(null);
                double rate = rates.get(ROUNDS / 2);
                System.out.printf(Locale.ROOT, "%7d  %3d  %12.0f  %13.0f%n", clients, top, rate, rate / clients);
            }
        }
    }

    /** Of a run that has kept its best model too, there are two. */
    private String model() throws IOException, InterruptedException {
        String models;
        try (InputStream answer = answer(HttpRequest.newBuilder(server.resolve("/api/models")).GET())) {
            models = new String(answer.readAllBytes(), StandardCharsets.UTF_8);
        }
        Matcher id = ID.matcher(models);
        if (!id.find()) {
            throw new IOException(server + " serves no model");
        }
        return id.group(1);
    }

    private long lines(String model, int seed, int top) throws IOException, InterruptedException {
        String body = String.format(Locale.ROOT,
                "{\"model\": \"%s\", \"seed\": %d, \"max_length\": %d, \"past_end\": true, \"top\": %d}", model, seed,
                characters, top);
        long lines = 0;
        byte[] buffer = new byte[1 << 16];
        try (InputStream in = answer(HttpRequest.newBuilder(server.resolve("/api/sample"))
                .header("Content-Type", "application/json").POST(HttpRequest.BodyPublishers.ofString(body)))) {
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                for (int i = 0; i < count; i++) {
                    lines += buffer[i] == '\n' ? 1 : 0;
                }
            }
        }
        // The last line is no character.
        return lines - 1;
    }

    private InputStream answer(HttpRequest.Builder request) throws IOException, InterruptedException {
        if (!token.isEmpty()) {
            request.header("Authorization", "Bearer " + token);
        }
        HttpResponse<InputStream> response = client.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
        if (response.statusCode() != 200) {
            try (InputStream in = response.body()) {
                throw new IOException(new String(in.readAllBytes(), StandardCharsets.UTF_8).strip());
            }
        }
        return response.body();
    }
}
