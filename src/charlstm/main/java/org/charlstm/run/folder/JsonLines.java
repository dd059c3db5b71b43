package org.charlstm.run.folder;

import com.google.gson.JsonObject;
import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.base.AppendedFile;
import org.charlstm.base.AtomicFile;
import org.charlstm.base.IoFailure;
import org.charlstm.base.Json;
import org.charlstm.base.UntrustedJson;
import org.charlstm.train.Figures;

/** A file to which a run appends JSON objects, one in each line. Each object has an {@code epoch}. */
public record JsonLines(Path file) {
    /** The names of the figures that every epoch has. */
    private static final List<String> FIGURES = List.of(Figures.LOSS, Figures.SECONDS, Figures.CHARS_PER_SECOND);
    /** A limit far above the number of JSON values in any line. */
    private static final int MAX_VALUES = 10_000;
    /** A limit far above all measured values, and far below values whose sum would be infinite. */
    private static final double MOST = 1e100;

    /** Appends objects; they are on disk when this method returns. */
    public void add(List<JsonObject> objects) {
        String lines = objects.stream().map(object -> Json.compact(object) + "\n").collect(Collectors.joining());
        AppendedFile.append(file, lines.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Removes the lines of epochs after {@code epoch} and an incomplete last line, which a killed run may have left;
     * parses the others. The parser throws an unchecked exception if a line is wrong.
     */
    public <T> List<T> cut(int epoch, Function<JsonObject, T> parser) {
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

    /** The figures of an epoch as a line's JSON object. */
    public static JsonObject line(Figures figures) {
        JsonObject line = Json.object("epoch", figures.epoch());
        figures.values().forEach(line::addProperty);
        return line;
    }

    /** Parses the figures of an epoch; throws an unchecked exception if they are wrong. */
    public static Figures figures(JsonObject json) {
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
