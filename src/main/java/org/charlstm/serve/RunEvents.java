package org.charlstm.serve;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.charlstm.io.Json;
import org.jspecify.annotations.Nullable;

/**
 * What happens in runs' folders as server-sent events, from the beginning or from where a client that comes again was:
 * {@code reset} where nothing before it holds, {@code metrics}, {@code samples} and {@code progress} with new lines,
 * and {@code status}, each with the run's id. One connection serves for several runs: a browser has six for a server,
 * of all its pages.
 */
final class RunEvents {
    private static final long PERIOD_MILLIS = 1000;
    /** After so many periods without news something is sent all the same, so that a client that is gone is missed. */
    private static final int SILENT_PERIODS = 10;
    /** Lines of an event. */
    private static final int MOST = 100;
    private static final Pattern PLACE = Pattern.compile("(\\d{1,9})-(\\d{1,9})-(\\d{1,9})");

    private final Call call;
    private final List<Followed> runs;
    private int silent = SILENT_PERIODS;

    /** A run, and what of it has been told. */
    private static final class Followed {
        private final ServedRun run;
        private int generation = -1;
        private int metrics;
        private int samples;
        private @Nullable String progress;
        private String status = "";

        Followed(ServedRun run) {
            this.run = run;
        }

        String place() {
            return generation + "-" + metrics + "-" + samples;
        }
    }

    RunEvents(Call call, List<ServedRun> runs) {
        this.call = call;
        this.runs = runs.stream().map(Followed::new).toList();
        String last = call.headers().getFirst("Last-Event-ID");
        String[] places = last == null ? new String[0] : last.split(",", -1);
        for (int i = 0; i < runs.size() && places.length == runs.size(); i++) {
            Matcher at = PLACE.matcher(places[i]);
            if (at.matches()) {
                this.runs.get(i).generation = Integer.parseInt(at.group(1));
                this.runs.get(i).metrics = Integer.parseInt(at.group(2));
                this.runs.get(i).samples = Integer.parseInt(at.group(3));
            }
        }
    }

    /** Tells until the client is gone or the server ends. */
    void send() throws IOException, InterruptedException {
        while (true) {
            for (Followed run : runs) {
                look(run);
            }
            silent++;
            if (silent > SILENT_PERIODS) {
                tell(":\n\n");
            }
            Thread.sleep(PERIOD_MILLIS);
        }
    }

    private void look(Followed one) throws IOException {
        ServedRun.Read now = one.run.read();
        if (now.generation() != one.generation || now.metrics().size() < one.metrics
                || now.samples().size() < one.samples) {
            one.generation = now.generation();
            one.metrics = 0;
            one.samples = 0;
            event("reset", about(one));
        }
        while (one.metrics < now.metrics().size()) {
            List<String> next = next(now.metrics(), one.metrics);
            one.metrics += next.size();
            lines("metrics", one, next);
        }
        while (one.samples < now.samples().size()) {
            List<String> next = next(now.samples(), one.samples);
            one.samples += next.size();
            lines("samples", one, next);
        }
        // Of another epoch all lines are new; one that comes again hears all of this one.
        int known = one.progress == null ? 0 : now.progress().lastIndexOf(one.progress) + 1;
        while (known < now.progress().size()) {
            List<String> next = next(now.progress(), known);
            known += next.size();
            one.progress = next.getLast();
            lines("progress", one, next);
        }
        JsonObject summary = one.run.summary();
        String said = Json.compact(summary);
        if (!said.equals(one.status)) {
            one.status = said;
            event("status", summary);
        }
    }

    private static List<String> next(List<String> all, int from) {
        return all.subList(from, Math.min(all.size(), from + MOST));
    }

    private static JsonObject about(Followed one) {
        JsonObject json = new JsonObject();
        json.addProperty("id", one.run.id());
        return json;
    }

    private void lines(String name, Followed one, List<String> next) throws IOException {
        String id = runs.stream().map(Followed::place).collect(Collectors.joining(","));
        tell("id: " + id + "\nevent: " + name + "\ndata: "
                + ServedRun.with(about(one), Map.of("lines", next)) + "\n\n");
    }

    private void event(String name, JsonObject data) throws IOException {
        tell("event: " + name + "\ndata: " + Json.compact(data) + "\n\n");
    }

    /** Sends each event by itself, for many clients may be slow at a time. */
    private void tell(String event) throws IOException {
        call.part("text/event-stream; charset=utf-8", event);
        silent = 0;
    }
}
