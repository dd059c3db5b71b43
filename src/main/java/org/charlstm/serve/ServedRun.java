package org.charlstm.serve;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonPrimitive;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.charlstm.io.Json;
import org.charlstm.io.RegularFile;
import org.charlstm.run.RunFolder;
import org.charlstm.train.Figures;
import org.charlstm.train.Spread;
import org.jspecify.annotations.Nullable;

/** A run's folder as it is read, at most once a second whoever asks, trusting nothing in it. */
final class ServedRun {
    private static final long PERIOD_NANOS = 1_000_000_000;
    private static final long MAX_DESCRIPTION = 10_000_000;
    private static final int MAX_VALUES = 100_000;
    private static final int MAX_SENTENCES = 100;
    private static final int MAX_SENTENCE = 10_000;
    /** Lines of the epoch under way; a run writes fewer. */
    private static final int MAX_PROGRESS = 2000;
    /** Of so many of the last epochs the seconds say how long one takes. */
    private static final int LAST_EPOCHS = 5;

    private final String id;
    private final Path folder;
    private final JsonTail metrics;
    private final JsonTail samples;
    private final JsonTail progress;
    private JsonObject said = new JsonObject();
    private @Nullable FileTime saidAt;
    private @Nullable Read last;
    private long lastAt;
    /** The latest epochs, at least one if there is any, and those of the lowest losses, by what is compared. */
    private final Deque<JsonObject> latest = new ArrayDeque<>();
    private final Map<String, JsonObject> best = new HashMap<>();
    /** How many epochs these are of, and of which generation. */
    private int followed;
    private int followedGeneration;

    /**
     * What the folder said when it was read last.
     *
     * @param generation rises whenever lines that were there no longer hold
     * @param metrics    a line of JSON an epoch
     * @param samples    a line of JSON an epoch that has sentences
     * @param progress   the same for each time that it was told how far the epoch under way is
     * @param training   whether a process trains into it
     */
    record Read(JsonObject said, int generation, List<String> metrics, List<String> samples,
            List<String> progress, boolean training) {
        /** The state in a word. */
        String state() {
            String end = said.get("end") instanceof JsonPrimitive word ? word.getAsString() : "";
            return training ? "training" : switch (end) {
                case "whole" -> "done";
                case "early" -> "early stop";
                case "after_epoch", "in_epoch" -> "stopped";
                case "diverged", "failed" -> end;
                // Its process is gone without a word.
                default -> "lost";
            };
        }
    }

    ServedRun(String id, Path folder) {
        this.id = id;
        this.folder = folder;
        metrics = new JsonTail(folder.resolve(RunFolder.METRICS), ServedRun::figures);
        samples = new JsonTail(folder.resolve(RunFolder.SAMPLES), ServedRun::sentences);
        progress = new JsonTail(folder.resolve(RunFolder.PROGRESS), ServedRun::figures);
    }

    String id() {
        return id;
    }

    Path folder() {
        return folder;
    }

    /** The folder, read again if the last time is a second ago. */
    synchronized Read read() {
        Read known = last;
        if (known != null && System.nanoTime() - lastAt < PERIOD_NANOS) {
            return known;
        }
        // First, for a run says how it ended before it lets the folder go.
        boolean training = RunFolder.isTraining(folder);
        describe();
        List<String> epochs = List.copyOf(metrics.refresh());
        follow(epochs);
        known = new Read(said, metrics.generation() + samples.generation(), epochs, List.copyOf(samples.refresh()),
                training ? underWay(progress.refresh()) : List.of(), training);
        last = known;
        lastAt = System.nanoTime();
        return known;
    }

    /** Takes from new epochs what a summary tells. */
    private void follow(List<String> epochs) {
        if (followedGeneration != metrics.generation()) {
            followedGeneration = metrics.generation();
            followed = 0;
            best.clear();
            latest.clear();
        }
        for (String line : epochs.subList(followed, epochs.size())) {
            JsonObject epoch = parsed(line);
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
        followed = epochs.size();
    }

    private void describe() {
        Path file = folder.resolve(RunFolder.RUN);
        try {
            RegularFile.requireReadable(file);
            FileTime at = Files.getLastModifiedTime(file);
            if (!at.equals(saidAt) && Files.size(file) <= MAX_DESCRIPTION) {
                said = Json.parse(Files.readString(file), MAX_VALUES);
                saidAt = at;
            }
        } catch (IOException | JsonParseException | IllegalStateException e) {
            System.getLogger(ServedRun.class.getName()).log(System.Logger.Level.DEBUG, "cannot read " + file, e);
        }
    }

    /** Of an epoch that has no figures yet; a kill may have left others. */
    private List<String> underWay(List<String> lines) {
        double whole = latest.isEmpty() ? 0 : figure(latest.getLast(), "epoch");
        return lines.subList(Math.max(0, lines.size() - MAX_PROGRESS), lines.size()).stream()
                .filter(line -> figure(parsed(line), "epoch") > whole).toList();
    }

    private static JsonObject parsed(String line) {
        return Json.parse(line, MAX_VALUES);
    }

    /** The numbers of a line. */
    private static JsonObject figures(JsonObject line) {
        JsonObject figures = new JsonObject();
        line.asMap().forEach((name, value) -> {
            if (name.matches("[a-z][a-z0-9_]{0,63}") && isNumber(value)) {
                figures.add(name, value);
            }
        });
        if (!figures.has("epoch")) {
            throw new IllegalStateException("a line without an epoch");
        }
        return figures;
    }

    private static JsonObject sentences(JsonObject line) {
        JsonObject sample = new JsonObject();
        if (!isNumber(line.get("epoch"))) {
            throw new IllegalStateException("sentences without an epoch");
        }
        sample.add("epoch", line.get("epoch"));
        JsonArray sentences = new JsonArray();
        Json.strings(line.get("sentences")).stream().limit(MAX_SENTENCES)
                .map(sentence -> sentence.substring(0, Math.min(MAX_SENTENCE, sentence.length())))
                .forEach(sentences::add);
        sample.add("sentences", sentences);
        return sample;
    }

    private static boolean isNumber(@Nullable JsonElement value) {
        return value instanceof JsonPrimitive number && number.isNumber() && Double.isFinite(number.getAsDouble());
    }

    /** A figure of an epoch; NaN if it has none such. */
    private static double figure(JsonObject epoch, String name) {
        return epoch.has(name) ? epoch.get(name).getAsDouble() : Double.NaN;
    }

    private OptionalDouble secondsAnEpoch() {
        List<Double> seconds = latest.stream().map(epoch -> figure(epoch, Figures.SECONDS)).filter(Double::isFinite)
                .toList();
        return seconds.isEmpty() ? OptionalDouble.empty() : OptionalDouble.of(Spread.of(seconds).median());
    }

    /** Until all epochs are done, as far as can be told. */
    private OptionalDouble secondsLeft(Read now) {
        if (!now.progress().isEmpty()) {
            double left = figure(parsed(now.progress().getLast()), "seconds_left");
            return left >= 0 ? OptionalDouble.of(left) : OptionalDouble.empty();
        }
        OptionalDouble each = secondsAnEpoch();
        String asked = option("epochs");
        if (!now.training() || each.isEmpty() || asked == null || !asked.matches("\\d{1,9}")) {
            return OptionalDouble.empty();
        }
        double left = Double.parseDouble(asked) - figure(latest.getLast(), "epoch");
        return OptionalDouble.of(Math.max(0, left * each.getAsDouble()));
    }

    private @Nullable String option(String name) {
        return settings(said).get(name);
    }

    /** The settings that a description tells, by name. */
    static Map<String, String> settings(JsonObject said) {
        Map<String, String> settings = new TreeMap<>();
        if (said.get("options") instanceof JsonObject options) {
            options.asMap().forEach((name, value) -> {
                if (value instanceof JsonPrimitive word) {
                    settings.put(name.replace('-', '_'), word.getAsString());
                } else if (value instanceof JsonArray words) {
                    settings.put(name.replace('-', '_'), String.join(" ", Json.strings(words)));
                }
            });
        }
        return settings;
    }

    private static JsonElement word(JsonObject said, String object, String member) {
        return said.get(object) instanceof JsonObject json && json.get(member) instanceof JsonPrimitive word ? word
                : JsonNull.INSTANCE;
    }

    /** What a table says of the run, but for its settings. */
    synchronized JsonObject summary() {
        Read now = read();
        JsonObject json = new JsonObject();
        json.addProperty("id", id);
        json.add("started", now.said().get("started") instanceof JsonPrimitive started ? started : null);
        json.add("text", word(now.said(), "text", "source"));
        json.add("device", word(now.said(), "device", "name"));
        json.add("epochs", word(now.said(), "options", "epochs"));
        JsonObject end = latest.isEmpty() ? new JsonObject() : latest.getLast();
        json.add("epoch", latest.isEmpty() ? new JsonPrimitive(0) : end.get("epoch"));
        for (String name : List.of(Figures.LOSS, Figures.VAL_LOSS, Figures.BITS, Figures.VAL_BITS,
                Figures.CHARS_PER_SECOND)) {
            json.add(name, end.get(name));
        }
        String monitor = end.has(Figures.VAL_LOSS) ? Figures.VAL_LOSS : Figures.LOSS;
        JsonObject lowest = best.get(monitor);
        if (lowest != null) {
            JsonObject told = new JsonObject();
            told.add("epoch", lowest.get("epoch"));
            told.addProperty("name", monitor);
            told.add("loss", lowest.get(monitor));
            json.add("best", told);
        }
        secondsAnEpoch().ifPresent(seconds -> json.addProperty("seconds_per_epoch", seconds));
        json.addProperty("training", now.training());
        json.addProperty("state", now.state());
        if (!now.progress().isEmpty()) {
            json.add("progress", parsed(now.progress().getLast()));
        }
        secondsLeft(now).ifPresent(seconds -> json.addProperty("seconds_left", seconds));
        return json;
    }

    /** All of the run, as JSON: the summary, its settings, every epoch and the sentences. */
    String json() {
        JsonObject json = summary();
        Read now = read();
        JsonObject settings = new JsonObject();
        settings(now.said()).forEach(settings::addProperty);
        json.add("settings", settings);
        SequencedMap<String, List<String>> lines = new LinkedHashMap<>();
        lines.put("metrics", now.metrics());
        lines.put("samples", now.samples());
        return with(json, lines);
    }

    /** An object that has members, as JSON, with further members that are arrays of lines of JSON. */
    static String with(JsonObject json, Map<String, List<String>> arrays) {
        String members = Json.compact(json);
        return members.substring(0, members.length() - 1) + arrays.entrySet().stream()
                .map(array -> ",\"" + array.getKey() + "\":[" + String.join(",", array.getValue()) + "]")
                .collect(Collectors.joining()) + "}";
    }
}
