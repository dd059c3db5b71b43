package org.charlstm.base;

import com.google.gson.FieldNamingPolicy;
import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import module java.base;
import org.jspecify.annotations.Nullable;

/** Reads and writes JSON. The only control characters written are the line feeds between lines. */
public final class Json {
    private static final Gson COMPACT = new GsonBuilder().disableHtmlEscaping().serializeNulls().create();
    private static final Gson PRETTY = COMPACT.newBuilder().setPrettyPrinting().create();

    private static final Gson RECORDS =
            COMPACT.newBuilder().setFieldNamingPolicy(FieldNamingPolicy.LOWER_CASE_WITH_UNDERSCORES).create();

    /** Writes a value on one line, without a line break at the end. */
    public static String compact(JsonElement value) {
        return harmless(COMPACT.toJson(value));
    }

    /** Writes a value indented, without a line break at the end. */
    public static String pretty(JsonElement value) {
        return harmless(PRETTY.toJson(value));
    }

    /** Escapes U+007F to U+009F: Gson leaves them, and a terminal may obey them. */
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

    /** An object from alternating names and values; a value is a string, a number, a truth value, JSON or null. */
    public static JsonObject object(@Nullable Object... members) {
        JsonObject object = new JsonObject();
        for (int i = 0; i < members.length; i += 2) {
            object.add((String) members[i], switch (members[i + 1]) {
                case null -> JsonNull.INSTANCE;
                case JsonElement value -> value;
                case Number number -> new JsonPrimitive(number);
                case Boolean truth -> new JsonPrimitive(truth);
                case Object word -> new JsonPrimitive((String) word);
            });
        }
        return object;
    }

    /** Numbers or strings as an array. */
    public static JsonArray array(List<?> values) {
        return COMPACT.toJsonTree(values).getAsJsonArray();
    }

    /** Parses an object from an untrusted file, with at most {@code most} values, nested values included. */
    public static JsonObject parse(String text, int most) {
        if (value(text, most) instanceof JsonObject object) {
            return object;
        }
        throw new JsonParseException("not an object");
    }

    /** Parses any value, leniently, with at most {@code most} values in it. */
    public static JsonElement value(String text, int most) {
        return value(text, most, Strictness.LENIENT);
    }

    /** Parses any value, which must be strict JSON, with at most {@code most} values in it. */
    public static JsonElement strict(String text, int most) {
        return value(text, most, Strictness.STRICT);
    }

    private static JsonElement value(String text, int most, Strictness strictness) {
        try (JsonReader reader = new JsonReader(new StringReader(text))) {
            reader.setStrictness(strictness);
            JsonElement value = read(reader, most);
            if (reader.peek() == JsonToken.END_DOCUMENT) {
                return value;
            }
            throw new JsonParseException("more than one value");
        } catch (IOException | IllegalStateException | NumberFormatException e) {
            throw new JsonParseException(e);
        }
    }

    /** The text has more values than allowed. */
    public static final class TooManyValues extends JsonParseException {
        private static final long serialVersionUID = 1;

        TooManyValues(int most) {
            super("more than " + most + " values");
        }
    }

    /** Reads the next value of an untrusted file; Gson alone does not bound the number of values. */
    public static JsonElement read(JsonReader reader, int most) throws IOException {
        return read(reader, most, new AtomicInteger());
    }

    private static JsonElement read(JsonReader reader, int most, AtomicInteger values) throws IOException {
        if (values.incrementAndGet() > most) {
            throw new TooManyValues(most);
        }
        return switch (reader.peek()) {
            case BEGIN_OBJECT -> {
                JsonObject object = new JsonObject();
                reader.beginObject();
                while (reader.hasNext()) {
                    String name = reader.nextName();
                    if (object.has(name)) {
                        throw UntrustedJson.twice(name);
                    }
                    object.add(name, read(reader, most, values));
                }
                reader.endObject();
                yield object;
            }
            case BEGIN_ARRAY -> {
                JsonArray array = new JsonArray();
                reader.beginArray();
                while (reader.hasNext()) {
                    array.add(read(reader, most, values));
                }
                reader.endArray();
                yield array;
            }
            default -> JsonParser.parseReader(reader);
        };
    }

    /** A record as an object, with its components' names in {@code lower_case}. */
    public static JsonObject of(Record value) {
        return RECORDS.toJsonTree(value).getAsJsonObject();
    }

    /** The record of an object, as {@link #of} writes it. A missing member becomes null or 0. */
    public static <T extends Record> T as(JsonElement value, Class<T> type) {
        UntrustedJson.requireRecord("", value, type);
        // Goes through text: reading from a tree, Gson would truncate a fraction where a whole number is required.
        T record = RECORDS.fromJson(COMPACT.toJson(value), type);
        if (record == null) {
            throw new JsonParseException("null, not an object");
        }
        return record;
    }

    /** The strings of an array; empty if the value is null or not an array. */
    public static List<String> strings(@Nullable JsonElement value) {
        return value == null || !value.isJsonArray() ? List.of() : value.getAsJsonArray().asList().stream()
                .filter(JsonElement::isJsonPrimitive).map(JsonElement::getAsString).toList();
    }
}
