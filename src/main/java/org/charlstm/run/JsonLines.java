package org.charlstm.run;

import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.charlstm.CharlstmException;
import org.charlstm.io.AppendedFile;
import org.charlstm.io.AtomicFile;
import org.charlstm.io.IoFailure;
import org.charlstm.io.Json;

/**
 * A file of JSON objects, a line each, that a run adds to as it goes on, each with its {@code epoch}.
 *
 * @param file the file, which need not be there
 */
record JsonLines(Path file) {
    /**
     * Adds objects; when this returns they are on disk.
     *
     * @throws CharlstmException if they cannot be
     */
    void add(List<JsonObject> objects) {
        String lines = objects.stream().map(object -> Json.compact(object) + "\n").collect(Collectors.joining());
        AppendedFile.append(file, lines.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Takes away what is of later epochs, and a last line without its end, which a kill has left.
     *
     * @param epoch  the last epoch that stays
     * @param parser makes something of a line; an unchecked exception where it cannot
     * @return what it makes of those that stay
     * @throws CharlstmException if the file cannot be read or written, or is none of these
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
                JsonObject json = JsonParser.parseString(line).getAsJsonObject();
                if (json.get("epoch").getAsInt() <= epoch) {
                    kept.append(Json.compact(json)).append('\n');
                    made.add(parser.apply(json));
                }
            }
        } catch (IOException e) {
            throw new CharlstmException(file + " cannot be read: " + IoFailure.of(e), e);
        } catch (JsonParseException | IllegalStateException | NullPointerException | IllegalArgumentException
                | UnsupportedOperationException e) {
            throw new CharlstmException(file + ", line " + number + " is not what charlstm writes; restore it, or "
                    + "delete the file to go on without what it tells", e);
        }
        AtomicFile.write(file, kept.toString().getBytes(StandardCharsets.UTF_8));
        return made;
    }
}
