package org.charlstm.serve;

import com.google.gson.JsonObject;
import module java.base;
import org.charlstm.base.Json;
import org.jspecify.annotations.Nullable;

/**
 * Sends the events of runs' folders as server-sent events, from the beginning or from a returning client's position.
 * {@code reset} invalidates earlier events; {@code metrics}, {@code samples} and {@code progress} have new lines;
 * {@code status} has the run's state. Each has the run's id. One connection serves several runs, because a browser
 * opens at most six connections to a server for all its pages.
 */
final class RunEvents {
    private static final long PERIOD_MILLIS = 1000;
    /** After this many periods without news, a comment is sent; sending fails if the client is gone. */
    private static final int SILENT_PERIODS = 10;
    private static final int MAX_LINES = 100;
    private static final Pattern POSITION = Pattern.compile("(\\d{1,9})-(\\d{1,9})-(\\d{1,9})");

    private final Call call;
    private final List<Followed> runs;
    private int silent = SILENT_PERIODS;

    /** A run, and the numbers of its last lines that were sent. */
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

        String position() {
            return generation + "-" + metrics + "-" + samples;
        }
    }

    RunEvents(Call call, List<ServedRun> runs) {
        this.call = call;
        this.runs = runs.stream().map(Followed::new).toList();
        String last = call.headers().getFirst("Last-Event-ID");
        String[] positions = last == null ? new String[0] : last.split(",", -1);
        for (int i = 0; i < runs.size() && positions.length == runs.size(); i++) {
            Matcher at = POSITION.matcher(positions[i]);
            if (at.matches()) {
                this.runs.get(i).generation = Integer.parseInt(at.group(1));
                this.runs.get(i).metrics = Integer.parseInt(at.group(2));
                this.runs.get(i).samples = Integer.parseInt(at.group(3));
            }
        }
    }

    /** Sends events until the client is gone or the server is ending. */
    void send() throws IOException, InterruptedException {
        while (true) {
            for (Followed run : runs) {
                sendNews(run);
            }
            silent++;
            if (silent > SILENT_PERIODS) {
                write(":\n\n");
            }
            Thread.sleep(PERIOD_MILLIS);
        }
    }

    private void sendNews(Followed one) throws IOException {
        ServedRun.Snapshot now = one.run.read();
        if (now.generation() != one.generation || now.metrics().count() < one.metrics
                || now.samples().count() < one.samples) {
            one.generation = now.generation();
            one.metrics = 0;
            one.samples = 0;
            event("reset", idOf(one));
        }
        kept("metrics", one, now.metrics(), one.metrics, sent -> one.metrics = sent);
        kept("samples", one, now.samples(), one.samples, sent -> one.samples = sent);
        // All lines of another epoch are new. A returning client gets all lines of the current epoch again.
        int known = one.progress == null ? 0 : now.progress().lastIndexOf(one.progress) + 1;
        for (int at = known; at < now.progress().size();) {
            List<String> next = now.progress().subList(at, Math.min(now.progress().size(), at + MAX_LINES));
            at += next.size();
            one.progress = next.getLast();
            lines("progress", one, next);
        }
        JsonObject summary = now.summary();
        String status = Json.compact(summary);
        if (!status.equals(one.status)) {
            one.status = status;
            event("status", summary);
        }
    }

    private static JsonObject idOf(Followed one) {
        return Json.object("id", one.run.id);
    }

    private void kept(String name, Followed one, KeptLines all, int after, IntConsumer sent) throws IOException {
        for (List<KeptLines.Line> next = all.after(after, MAX_LINES); !next.isEmpty(); next = all
                .after(next.getLast().number(), MAX_LINES)) {
            sent.accept(next.getLast().number());
            lines(name, one, next.stream().map(KeptLines.Line::text).toList());
        }
    }

    private void lines(String name, Followed one, List<String> next) throws IOException {
        write("id: " + runs.stream().map(Followed::position).collect(Collectors.joining(",")) + "\nevent: " + name
                + "\ndata: " + ServedRun.with(Json.compact(idOf(one)), "lines", next) + "\n\n");
    }

    private void event(String name, JsonObject data) throws IOException {
        write("event: " + name + "\ndata: " + Json.compact(data) + "\n\n");
    }

    /** Sends each event separately: many clients may be slow at once, and their events must not pile up. */
    private void write(String event) throws IOException {
        call.part("text/event-stream; charset=utf-8", event);
        silent = 0;
    }
}
