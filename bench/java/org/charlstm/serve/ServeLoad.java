package org.charlstm.serve;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * How many characters a second clients of {@code charlstm serve} get, 1, 8 and 64 at a time:
 *
 * <pre>java bench/java/org/charlstm/serve/ServeLoad.java http://127.0.0.1:8642/ [CHARACTERS [TOKEN]]</pre>
 *
 * Clients run on the same machine and take their part of it. Each asks for texts of so many characters past the end,
 * and counts the lines that come.
 */
final class ServeLoad {
    private static final int[] CLIENTS = {1, 8, 64};
    private static final int[] TOP = {0, 10};
    private static final int ROUNDS = 3;

    private ServeLoad() {
    }

    /** Prints a row for each number of clients; of three rounds after one to warm up, the median. */
    public static void main(String[] arguments) throws Exception {
        URI sample = URI.create(arguments[0]).resolve("/api/sample");
        int characters = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 2000;
        String token = arguments.length > 2 ? arguments[2] : "";
        System.out.println("clients  top  characters/s  each client's");
        try (HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int top : TOP) {
                for (int clients : CLIENTS) {
                    List<Double> rates = new ArrayList<>();
                    for (int round = 0; round <= ROUNDS; round++) {
                        long start = System.nanoTime();
                        List<Future<Long>> counts = new ArrayList<>();
                        for (int i = 0; i < clients; i++) {
                            int seed = i;
                            counts.add(threads.submit(() -> lines(client, sample, token, seed, characters, top)));
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
    }

    private static long lines(HttpClient client, URI sample, String token, int seed, int characters, int top)
            throws IOException, InterruptedException {
        String body = String.format(Locale.ROOT, "{\"seed\": %d, \"max_length\": %d, \"past_end\": true, \"top\": %d}",
                seed, characters, top);
        HttpRequest.Builder request = HttpRequest.newBuilder(sample).header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body));
        if (!token.isEmpty()) {
            request.header("Authorization", "Bearer " + token);
        }
        HttpResponse<InputStream> response = client.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
        long lines = 0;
        byte[] buffer = new byte[1 << 16];
        try (InputStream in = response.body()) {
            if (response.statusCode() != 200) {
                throw new IOException(new String(in.readAllBytes(), java.nio.charset.StandardCharsets.UTF_8));
            }
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                for (int i = 0; i < count; i++) {
                    lines += buffer[i] == '\n' ? 1 : 0;
                }
            }
        }
        // The last line is no character.
        return lines - 1;
    }
}
