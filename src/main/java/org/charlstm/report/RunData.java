package org.charlstm.report;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.charlstm.CharlstmException;
import org.charlstm.io.Place;
import org.charlstm.io.Reason;
import org.charlstm.run.RunFolder;
import org.charlstm.train.Figures;

/**
 * What a run's folder says of the run.
 *
 * @param run     settings, text, device, hardware
 * @param step    the seconds of each operation of a step, none if they were not measured
 * @param epochs  the figures of each
 * @param samples sentences as training went on
 */
record RunData(JsonObject run, Map<String, Double> step, List<Figures> epochs, List<Sample> samples) {
    /**
     * What a model wrote.
     *
     * @param epoch     the last that it had learned in
     * @param sentences the sentences
     */
    record Sample(int epoch, List<String> sentences) {
    }

    /** Reads a run's folder, whose description has been read. */
    static RunData read(Path folder, JsonObject run) {
        return new RunData(run, operations(run), lines(folder.resolve(RunFolder.METRICS), RunData::figures),
                lines(folder.resolve(RunFolder.SAMPLES), RunData::sample));
    }

    private static JsonObject object(String text) {
        return JsonParser.parseString(text).getAsJsonObject();
    }

    /** The seconds of each operation of a step, in the order of a step; none if there are none. */
    static Map<String, Double> operations(JsonObject json) {
        Map<String, Double> seconds = new LinkedHashMap<>();
        if (json.has("operations")) {
            json.getAsJsonArray("operations").forEach(operation -> seconds.put(
                    operation.getAsJsonObject().get("name").getAsString(),
                    number(operation.getAsJsonObject(), "seconds")));
        }
        return seconds;
    }

    private static Figures figures(JsonObject json) {
        Map<String, Double> values = new LinkedHashMap<>();
        for (String name : json.keySet()) {
            if (!name.matches("[a-z][a-z0-9_]*")) {
                throw new IllegalStateException("no figure is called " + name);
            }
            values.put(name, number(json, name));
        }
        values.remove("epoch");
        return new Figures(json.get("epoch").getAsInt(), values);
    }

    /** A finite number. */
    static double number(JsonObject json, String name) {
        double number = json.get(name).getAsDouble();
        if (!Double.isFinite(number)) {
            throw new IllegalStateException(name + " is " + number);
        }
        return number;
    }

    private static Sample sample(JsonObject json) {
        JsonArray sentences = json.getAsJsonArray("sentences");
        return new Sample(json.get("epoch").getAsInt(),
                sentences.asList().stream().map(JsonElement::getAsString).toList());
    }

    /** Makes something of a file that holds an object; throws what is wrong with the file as one line. */
    static <T> T parsed(Path file, Function<JsonObject, T> maker) {
        return read(file, text -> maker.apply(object(text)));
    }

    private static <T> T read(Path file, Function<String, T> parser) {
        try {
            Place.requireReadable(file);
            return parser.apply(Files.readString(file));
        } catch (IOException e) {
            throw new CharlstmException(file + " cannot be read: " + Reason.of(e), e);
        } catch (JsonParseException | IllegalStateException | NullPointerException | NumberFormatException
                | UnsupportedOperationException | ClassCastException e) {
            throw new CharlstmException(file + " is not what charlstm writes; make it again, or restore it", e);
        }
    }

    /** A file's lines, none if it is missing; a last one without its end, which a kill has left, does not count. */
    private static <T> List<T> lines(Path file, Function<JsonObject, T> parser) {
        return !Files.exists(file) ? List.of() : read(file, text -> {
            List<T> parsed = new ArrayList<>();
            text.substring(0, text.lastIndexOf('\n') + 1).lines()
                    .forEach(line -> parsed.add(parser.apply(object(line))));
            return parsed;
        });
    }
}
