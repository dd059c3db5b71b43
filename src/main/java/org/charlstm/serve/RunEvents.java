package org.charlstm.serve;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.charlstm.io.Json;

/**
 * What happens in a run's folder as server-sent events, from the beginning or from where a client that comes again
 * was: {@code reset} where nothing before it holds, {@code metrics} and {@code samples} with new lines, and {@code
 * status}.
 */
final class RunEvents {
    private static final long PERIOD_MILLIS = 1000;
    /** After so many periods without news something is sent all the same, so that a client that is gone is missed. */
    private static final int SILENT_PERIODS = 10;
    /** Lines of an event. */
    private static final int MOST = 500;
    private static final Pattern PLACE = Pattern.compile("(\\d{1,9})-(\\d{1,9})-(\\d{1,9})");

    private final Call call;
    private final ServedRun run;
    private final StringBuilder news = new StringBuilder();
    private int generation = -1;
    private int metrics;
    private int samples;
    private String status = "";

    RunEvents(Call call, ServedRun run) {
        this.call = call;
        this.run = run;
        String place = call.headers().getFirst("Last-Event-ID");
        Matcher at = PLACE.matcher(place == null ? "" : place);
        if (at.matches()) {
            generation = Integer.parseInt(at.group(1));
            metrics = Integer.parseInt(at.group(2));
            samples = Integer.parseInt(at.group(3));
        }
    }

    /** Tells until the client is gone or the server ends. */
    void send() throws IOException, InterruptedException {
        int silent = SILENT_PERIODS;
        while (true) {
            ServedRun.Read now = run.read();
            if (now.generation() != generation || now.metrics().size() < metrics || now.samples().size() < samples) {
                generation = now.generation();
                metrics = 0;
                samples = 0;
                event("reset", new JsonObject());
            }
            while (metrics < now.metrics().size()) {
                metrics += lines("metrics", now.metrics(), metrics);
            }
            while (samples < now.samples().size()) {
                samples += lines("samples", now.samples(), samples);
            }
            JsonObject summary = run.summary();
            String said = Json.compact(summary);
            if (!said.equals(status)) {
                status = said;
                event("status", summary);
            }
            silent++;
            if (!news.isEmpty() || silent > SILENT_PERIODS) {
                call.part("text/event-stream; charset=utf-8", news.isEmpty() ? ":\n\n" : news.toString());
                news.setLength(0);
                silent = 0;
            }
            Thread.sleep(PERIOD_MILLIS);
        }
    }

    private int lines(String name, List<JsonObject> all, int from) {
        int count = Math.min(MOST, all.size() - from);
        JsonArray lines = new JsonArray();
        all.subList(from, from + count).forEach(lines::add);
        JsonObject json = new JsonObject();
        json.add("lines", lines);
        String id = generation + "-" + (name.equals("metrics") ? metrics + count : metrics) + "-"
                + (name.equals("samples") ? samples + count : samples);
        news.append("id: ").append(id).append('\n');
        event(name, json);
        return count;
    }

    private void event(String name, JsonObject data) {
        news.append("event: ").append(name).append("\ndata: ").append(Json.compact(data)).append("\n\n");
    }
}
