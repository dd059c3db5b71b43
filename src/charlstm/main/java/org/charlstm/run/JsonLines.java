package org.charlstm.run;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.charlstm.CharlstmException;
import org.charlstm.io.AppendedFile;
import org.charlstm.io.AtomicFile;
import org.charlstm.io.IoFailure;
import org.charlstm.io.Json;
import org.charlstm.io.UntrustedJson;
import org.charlstm.train.Figures;

/**
 * A file to which a run appends JSON objects, a line each, with their {@code epoch}.
 *
 * @param file which need not exist
 */
record JsonLines(Path file) {
    /** The figures of every epoch. */
    private static final List<String> FIGURES = List.of(Figures.LOSS, Figures.SECONDS, Figures.CHARS_PER_SECOND);
    /** Far more than a line has. */
    private static final int MAX_VALUES = 10_000;
    /** Far above all measured values, and far below those whose sum would be infinite. */
    private static final double MOST = 1e100;

    /**
     * Appends objects; when this returns they are on disk.
     */
    void add(List<JsonObject> objects) {
        String lines = objects.stream().map(object -> Json.compact(object) + "\n").collect(Collectors.joining());
        AppendedFile.append(file, lines.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Removes the lines of later epochs, and a last line without its end, which a kill has left.
     *
     * @param epoch  the last epoch that stays
     * @param parser of a line; throws an unchecked exception where it is wrong
     * @return the parsed lines that stay
     * @throws CharlstmException if the file cannot be read or written, or is damaged
     */
    <T> List<T> cut(int epoch, Function<JsonObject, T> parser) {
        if (!Files.exists(file)) {
            return List.of();
        }
        StringBuilder kept = new StringBuilder();
        List<T> made = new ArrayList<>();
        int number = 0;
        try {
            String text = Files.readString(file);
            for (String line : text.substring(0, text.lastIndexOf('\n') + 1).lines().toList()) {
                number++;
                UntrustedJson.read(file + ", line " + number + " is not what charlstm writes", "restore it, or delete "
                        + "the file to go on without what it tells", () -> {
                            JsonObject json = Json.parse(line, MAX_VALUES);
                            if (UntrustedJson.integer(json, "epoch") <= epoch) {
                                kept.append(Json.compact(json)).append('\n');
                                made.add(parser.apply(json));
                            }
                            return made;
                        });
            }
        } catch (IOException e) {
            throw new CharlstmException(file + " cannot be read: " + IoFailure.of(e), e);
        }
        AtomicFile.write(file, kept.toString().getBytes(StandardCharsets.UTF_8));
        return made;
    }

    /** The figures of an epoch as a line. */
    static JsonObject line(Figures figures) {
        JsonObject line = new JsonObject();
        line.addProperty("epoch", figures.epoch());
        figures.values().forEach(line::addProperty);
        return line;
    }

    /** Parses the figures of an epoch; throws an unchecked exception where they are wrong. */
    static Figures figures(JsonObject json) {
        Map<String, Double> values = new LinkedHashMap<>();
        json.keySet().forEach(name -> {
            double number = UntrustedJson.number(json, name);
            UntrustedJson.require(Math.abs(number) <= MOST, name + " is " + number);
            values.put(name, number);
        });
        FIGURES.forEach(name -> UntrustedJson.require(values.containsKey(name), name + " is missing"));
        values.remove("epoch");
        return new Figures(UntrustedJson.integer(json, "epoch"), values);
    }
}
