package org.charlstm.io;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import java.util.List;

/** JSON as this project writes it. */
public final class Json {
    private static final Gson COMPACT = new GsonBuilder().disableHtmlEscaping().serializeNulls().create();
    private static final Gson PRETTY = COMPACT.newBuilder().setPrettyPrinting().create();

    private Json() {
    }

    /**
     * On one line.
     *
     * @param value what to write
     * @return the text, without a line break
     */
    public static String compact(JsonElement value) {
        return COMPACT.toJson(value);
    }

    /**
     * Indented, for people.
     *
     * @param value what to write
     * @return the text, without a line break at the end
     */
    public static String pretty(JsonElement value) {
        return PRETTY.toJson(value);
    }

    /**
     * Numbers or strings as an array.
     *
     * @param values the elements
     * @return the array
     */
    public static JsonArray array(List<?> values) {
        return COMPACT.toJsonTree(values).getAsJsonArray();
    }
}
