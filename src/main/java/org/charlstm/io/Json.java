package org.charlstm.io;

import com.google.gson.FieldNamingPolicy;
import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import java.io.IOException;
import java.io.StringReader;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** JSON as this project writes it: no control character stands in it but the line feeds between its lines. */
public final class Json {
    private static final Gson COMPACT = new GsonBuilder().disableHtmlEscaping().serializeNulls().create();
    private static final Gson PRETTY = COMPACT.newBuilder().setPrettyPrinting().create();

    private static final Gson RECORDS = COMPACT.newBuilder()
            .setFieldNamingPolicy(FieldNamingPolicy.LOWER_CASE_WITH_UNDERSCORES).create();

    private Json() {
    }

    /**
     * On one line.
     *
     * @return the text, without a line break
     */
    public static String compact(JsonElement value) {
        return harmless(COMPACT.toJson(value));
    }

    /**
     * Indented, for people.
     *
     * @return the text, without a line break at the end
     */
    public static String pretty(JsonElement value) {
        return harmless(PRETTY.toJson(value));
    }

    /** With the delete character and those from U+0080 on, which Gson leaves and a terminal may obey, by number. */
    private static String harmless(String json) {
        if (json.chars().noneMatch(Json::isLeft)) {
            return json;
        }
        StringBuilder escaped = new StringBuilder();
        json.chars().forEach(c -> {
            if (isLeft(c)) {
                escaped.append(String.format(Locale.ROOT, "\\u%04x", c));
            } else {
                escaped.append((char) c);
            }
        });
        return escaped.toString();
    }

    private static boolean isLeft(int c) {
        return c >= 0x7f && c <= 0x9f;
    }

    /** Numbers or strings as an array. */
    public static JsonArray array(List<?> values) {
        return COMPACT.toJsonTree(values).getAsJsonArray();
    }

    /**
     * Reads an object of a file that is not trusted.
     *
     * @param most the most values that may be in it, counting those within others
     * @throws JsonParseException if it is something else, or has more values
     */
    public static JsonObject parse(String text, int most) {
        try (JsonReader reader = new JsonReader(new StringReader(text))) {
            reader.setStrictness(Strictness.LENIENT);
            if (BoundedJson.read(reader, most) instanceof JsonObject object
                    && reader.peek() == JsonToken.END_DOCUMENT) {
                return object;
            }
            throw new JsonParseException("not one object");
        } catch (IOException e) {
            throw new JsonParseException(e);
        }
    }

    /**
     * A record as an object, its components' names as {@code lower_case}.
     *
     * @param value a record of numbers, strings, enumerators, records, JSON, and lists of those
     */
    public static JsonObject of(Record value) {
        return RECORDS.toJsonTree(value).getAsJsonObject();
    }

    /**
     * The reverse of {@link #of}: what is missing is null, or 0.
     *
     * @throws JsonParseException if it is something else
     */
    public static <T extends Record> T as(JsonElement value, Class<T> type) {
        // From text: out of a tree, a number with a fraction would be taken for a whole one without it.
        T record = RECORDS.fromJson(COMPACT.toJson(value), type);
        if (record == null) {
            throw new JsonParseException("null, not an object");
        }
        return record;
    }

    /**
     * The strings of an array.
     *
     * @return its strings, none where it is no array or null
     */
    public static List<String> strings(@Nullable JsonElement value) {
        return value == null || !value.isJsonArray() ? List.of()
                : value.getAsJsonArray().asList().stream().filter(JsonElement::isJsonPrimitive)
                        .map(JsonElement::getAsString).toList();
    }

    /** A string of a file that is not trusted; anything else is an IllegalStateException. */
    static String string(JsonElement value) {
        if (!value.isJsonPrimitive() || !value.getAsJsonPrimitive().isString()) {
            throw new IllegalStateException("not a string: " + value);
        }
        return value.getAsString();
    }

    /** A number of a file that is not trusted; anything else is an IllegalStateException. */
    static double number(JsonElement value) {
        if (value == null || !value.isJsonPrimitive() || !value.getAsJsonPrimitive().isNumber()) {
            throw new IllegalStateException("not a number: " + value);
        }
        return value.getAsDouble();
    }

    /** Yes or no of a file that is not trusted; anything else is an IllegalStateException. */
    static boolean yes(JsonElement value) {
        if (!value.isJsonPrimitive() || !value.getAsJsonPrimitive().isBoolean()) {
            throw new IllegalStateException("not true or false: " + value);
        }
        return value.getAsBoolean();
    }

    /** A whole number from -max to max of a file that is not trusted; else an IllegalStateException. */
    static long whole(JsonElement value, long max) {
        if (!value.isJsonPrimitive() || !value.getAsJsonPrimitive().isNumber()) {
            throw new IllegalStateException("not a number: " + value);
        }
        try {
            long number = value.getAsBigDecimal().longValueExact();
            if (number >= -max && number <= max) {
                return number;
            }
        } catch (NumberFormatException | ArithmeticException e) {
            throw new IllegalStateException("not a whole number: " + value, e);
        }
        throw new IllegalStateException("too large: " + value);
    }
}
