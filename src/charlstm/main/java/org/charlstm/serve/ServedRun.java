package org.charlstm.serve;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.base.Json;
import org.charlstm.base.Refuse;
import org.charlstm.base.Spread;
import org.charlstm.run.folder.RunFolder;
import org.charlstm.run.folder.RunJson;
import org.charlstm.train.Figures;
import org.jspecify.annotations.Nullable;

/** A run's folder, read at most once a second however many clients ask. Nothing in the folder is trusted. */
final class ServedRun {
    private static final long PERIOD_NANOS = 1_000_000_000;
    private static final int MAX_VALUES = 100_000;
    private static final int MAX_SENTENCES = 100;
    private static final int MAX_SENTENCE = 10_000;
    /** The greatest number of lines of the current epoch; a run writes fewer. */
    private static final int MAX_PROGRESS = 2000;
    /** The number of last epochs whose times give the estimate of an epoch's time. */
    private static final int LAST_EPOCHS = 5;
    private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9_]{0,63}");

    final String id;
    final Path folder;
    private final JsonTail metrics;
    private final JsonTail samples;
    private final JsonTail progress;
    private JsonObject description = new JsonObject();
    private @Nullable FileVersion described;
    /** Held while the folder is read. */
    final ReentrantLock reading = new ReentrantLock();
    private volatile @Nullable Snapshot last;
    private volatile long lastAt;
    /** The latest epochs; {@link #best} has the epoch with the lowest value of each monitored loss. */
    private final Deque<JsonObject> latest = new ArrayDeque<>();
    private final Map<String, JsonObject> best = new HashMap<>();
    /** The folder at its last reading. The generation rises whenever earlier lines become invalid. */
    record Snapshot(JsonObject description, int generation, KeptLines metrics, KeptLines samples,
            List<String> progress, boolean training, JsonObject summary) {
        static String state(JsonObject description, boolean training) {
            String end = RunJson.word(description, "end").orElse("");
            return training ? "training" : switch (end) {
                case "whole" -> "done";
                case "early" -> "early stop";
                case "after_epoch", "in_epoch" -> "stopped";
                case "diverged", "failed" -> end;
                // The process is gone without writing how the run ended.
                default -> "lost";
            };
        }
    }

    ServedRun(String id, Path folder, KeptLines.Store store) {
        this.id = id;
        this.folder = folder;
        metrics = new JsonTail(folder.resolve(RunFolder.METRICS), store, new JsonTail.Reading() {
            @Override
            public JsonObject take(JsonObject line) {
                JsonObject epoch = figures(line);
                follow(epoch);
                return epoch;
            }

            @Override
            public void forget() {
                best.clear();
                latest.clear();
            }
        });
        samples = new JsonTail(folder.resolve(RunFolder.SAMPLES), store, ServedRun::sentences);
        progress = new JsonTail(folder.resolve(RunFolder.PROGRESS), store, ServedRun::figures);
    }

    /** The folder, reread if the last reading is a second old; waits for another thread that is reading. */
    Snapshot read() {
        reading.lock();
        try {
            return readAgain();
        } finally {
            reading.unlock();
        }
    }

    /** Reads the folder, unless another thread does. Before the first reading, waits for that thread, up to a time. */
    void readIfFree(long millis) throws InterruptedException {
        if (last == null ? reading.tryLock(millis, TimeUnit.MILLISECONDS) : reading.tryLock()) {
            try {
                readAgain();
            } finally {
                reading.unlock();
            }
        }
    }

    /** The folder at its last reading; null before the first. */
    @Nullable
    Snapshot known() {
        return last;
    }

    /** Whether the last reading is a second old and no thread is reading, or there was no reading yet. */
    boolean isStale() {
        return last == null || (System.nanoTime() - lastAt >= PERIOD_NANOS && !reading.isLocked());
    }

    private Snapshot readAgain() {
        Snapshot known = last;
        if (known != null && System.nanoTime() - lastAt < PERIOD_NANOS) {
            return known;
        }
        // Read before the description, because a run writes how it ended and then releases the folder.
        boolean training = RunFolder.isTraining(folder);
        describe();
        metrics.refresh();
        samples.refresh();
        List<String> current = training ? current(progress.refresh().texts()) : List.of();
        known = new Snapshot(description, metrics.generation() + samples.generation(), metrics.lines,
                samples.lines, current, training, summary(current, training));
        last = known;
        lastAt = System.nanoTime();
        return known;
    }

    private void follow(JsonObject epoch) {
        latest.addLast(epoch);
        if (latest.size() > LAST_EPOCHS) {
            latest.removeFirst();
        }
        for (String monitor : List.of(Figures.LOSS, Figures.VAL_LOSS)) {
            if (epoch.has(monitor)) {
                best.merge(monitor, epoch, (old, now) -> figure(now, monitor) < figure(old, monitor) ? now : old);
            }
        }
    }

    /** Reads the long files in advance, so the first request does not wait for them. */
    void readAhead() {
        reading.lock();
        try {
            metrics.refresh();
            samples.refresh();
        } finally {
            reading.unlock();
        }
    }

    /** Releases the memory of a run that is no longer served. */
    void forget() {
        Stream.of(metrics, samples, progress).forEach(tail -> tail.lines.clear());
    }

    private void describe() {
        Path file = folder.resolve(RunFolder.RUN);
        try {
            FileVersion now = FileVersion.inFolder(file);
            if (!now.equals(described)) {
                description = RunJson.read(folder);
                described = now;
            }
        } catch (IOException | CharlstmException e) {
            System.getLogger(ServedRun.class.getName()).log(System.Logger.Level.DEBUG, "cannot read " + file, e);
        }
    }

    /** The lines of the epoch that has no figures yet; a kill may have left lines of earlier epochs. */
    private List<String> current(List<String> lines) {
        double whole = latest.isEmpty() ? 0 : figure(latest.getLast(), "epoch");
        return lines.subList(Math.max(0, lines.size() - MAX_PROGRESS), lines.size()).stream()
                .filter(line -> figure(parsed(line), "epoch") > whole).toList();
    }

    private static JsonObject parsed(String line) {
        return Json.parse(line, MAX_VALUES);
    }

    /** The numbers in a line of metrics or progress. */
    private static JsonObject figures(JsonObject line) {
        JsonObject figures = new JsonObject();
        line.asMap().forEach((name, value) -> {
            if (NAME.matcher(name).matches() && isNumber(value)) {
                figures.add(name, value);
            }
        });
        Refuse.callIf(!figures.has("epoch"), "a line without an epoch");
        return figures;
    }

    private static JsonObject sentences(JsonObject line) {
        Refuse.callIf(!isNumber(line.get("epoch")), "sentences without an epoch");
        JsonArray sentences = new JsonArray();
        Json.strings(line.get("sentences")).stream().limit(MAX_SENTENCES)
                .map(sentence -> sentence.substring(0, Math.min(MAX_SENTENCE, sentence.length())))
                .forEach(sentences::add);
        return Json.object("epoch", line.get("epoch"), "sentences", sentences);
    }

    private static boolean isNumber(@Nullable JsonElement value) {
        return value instanceof JsonPrimitive number && number.isNumber() && Double.isFinite(number.getAsDouble());
    }

    /** A figure of an epoch; NaN if it is missing. */
    private static double figure(JsonObject epoch, String name) {
        return epoch.has(name) ? epoch.get(name).getAsDouble() : Double.NaN;
    }

    private OptionalDouble secondsAnEpoch() {
        List<Double> seconds = latest.stream().map(epoch -> figure(epoch, Figures.SECONDS)).filter(Double::isFinite)
                .toList();
        return seconds.isEmpty() ? OptionalDouble.empty() : OptionalDouble.of(Spread.of(seconds).median());
    }

    /** The estimated seconds until all epochs are done. */
    private OptionalDouble secondsLeft(List<String> current, boolean training) {
        if (!current.isEmpty()) {
            double left = figure(parsed(current.getLast()), "seconds_left");
            return left >= 0 ? OptionalDouble.of(left) : OptionalDouble.empty();
        }
        OptionalDouble each = secondsAnEpoch();
        String asked = settings(description).get("epochs");
        if (!training || each.isEmpty() || asked == null || !asked.matches("\\d{1,9}")) {
            return OptionalDouble.empty();
        }
        double left = Double.parseDouble(asked) - figure(latest.getLast(), "epoch");
        return OptionalDouble.of(Math.max(0, left * each.getAsDouble()));
    }

    /** The settings in a description, sorted by name. */
    static Map<String, String> settings(JsonObject description) {
        return new TreeMap<>(RunJson.settings(description));
    }

    /** The run's row in the table, without its settings. */
    private JsonObject summary(List<String> current, boolean training) {
        JsonObject json = Json.object("id", id, "started", RunJson.word(description, "started").orElse(null), "text",
                RunJson.word(description, "text", "source").orElse(null), "device",
                RunJson.word(description, "device", "name").orElse(null), "epochs",
                RunJson.typedOption(description, "epochs"));
        JsonObject end = latest.isEmpty() ? new JsonObject() : latest.getLast();
        json.add("epoch", latest.isEmpty() ? new JsonPrimitive(0) : end.get("epoch"));
        for (String name : List.of(Figures.LOSS, Figures.VAL_LOSS, Figures.BITS, Figures.VAL_BITS,
                Figures.CHARS_PER_SECOND)) {
            json.add(name, end.get(name));
        }
        String monitor = end.has(Figures.VAL_LOSS) ? Figures.VAL_LOSS : Figures.LOSS;
        JsonObject lowest = best.get(monitor);
        if (lowest != null) {
            json.add("best", Json.object("epoch", lowest.get("epoch"), "name", monitor, "loss", lowest.get(monitor)));
        }
        secondsAnEpoch().ifPresent(seconds -> json.addProperty("seconds_per_epoch", seconds));
        json.addProperty("training", training);
        json.addProperty("state", Snapshot.state(description, training));
        if (!current.isEmpty()) {
            json.add("progress", parsed(current.getLast()));
        }
        secondsLeft(current, training).ifPresent(seconds -> json.addProperty("seconds_left", seconds));
        return json;
    }

    /** The whole run as JSON: the summary, its settings, the epochs and the sentences. */
    String json() {
        Snapshot now = read();
        JsonObject json = now.summary().deepCopy();
        json.add("settings", RunJson.typed(settings(now.description())));
        return with(with(Json.compact(json), "metrics", now.metrics().texts()), "samples", now.samples().texts());
    }

    /** Adds an array of JSON lines to the text of a non-empty object. */
    static String with(String object, String name, List<String> lines) {
        return object.substring(0, object.length() - 1) + ",\"" + name + "\":[" + String.join(",", lines) + "]}";
    }
}
