package org.charlstm.base;

import com.google.gson.FieldNamingPolicy;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonPrimitive;
import module java.base;
import org.charlstm.CharlstmException;
import org.jspecify.annotations.Nullable;

/**
 * Reads values of untrusted JSON. A missing or unsuitable member throws an {@link Unfit} that names the member.
 * {@link #read} turns this failure, and any other that occurs while the JSON is read, into a one-line message.
 */
public final class UntrustedJson {
    /** How many characters of a wrong value a message quotes. */
    private static final int QUOTED = 40;
    private static final String WHOLE = "a whole number";
    private static final String NUMBER = "a number";

    /** A value has the wrong type, or makes no sense. */
    public static final class Unfit extends JsonParseException {
        private static final long serialVersionUID = 1;

        Unfit(String why) {
            super(why);
        }

        private static Unfit of(String name, @Nullable JsonElement value, String wanted) {
            return new Unfit(value == null ? name + " is missing" : name + " is " + quoted(value) + ", not " + wanted);
        }

        private static String quoted(JsonElement value) {
            String json = value.isJsonObject() ? "an object" : value.isJsonArray() ? "an array" : Json.compact(value);
            return json.length() <= QUOTED ? json : json.substring(0, QUOTED) + "...";
        }
    }

    /** Reads a part of a file. A failure that the file's values cause is reported as the file's fault. */
    public static <T> T read(String failure, String advice, Supplier<T> reading) {
        try {
            return reading.get();
        } catch (CharlstmException e) {
            throw e;
        } catch (RuntimeException e) {
            throw new CharlstmException(failure + ": " + why(e) + "; " + advice, e);
        }
    }

    private static String why(RuntimeException failure) {
        Throwable root = failure;
        // Gson wraps the exceptions of a record's constructor.
        while (!(root instanceof Unfit) && root.getCause() != null) {
            root = root.getCause();
        }
        return switch (root) {
            case Unfit unfit -> String.valueOf(unfit.getMessage());
            case NumberFormatException _ -> "a number in it is none";
            case ArithmeticException _ -> "a number in it is too large";
            case IllegalArgumentException refused when isOurs(refused) -> String.valueOf(refused.getMessage());
            default -> failure instanceof JsonParseException ? "it is no JSON object"
                    : "something in it is missing or of another kind";
        };
    }

    /** Refuses a value that makes no sense. */
    public static void require(boolean right, String otherwise) {
        if (!right) {
            throw new Unfit(otherwise);
        }
    }

    /** Refuses a missing value. */
    public static <T> T present(@Nullable T value, String otherwise) {
        if (value == null) {
            throw new Unfit(otherwise);
        }
        return value;
    }

    /**
     * The failure for a JSON object in which a member name occurs twice; readers would disagree on which value counts.
     */
    public static Unfit twice(String name) {
        return new Unfit("the name " + Unfit.quoted(new JsonPrimitive(name)) + " is in it twice");
    }

    private static Unfit unfit(JsonObject json, String name, String wanted) {
        return Unfit.of(name, json.get(name), wanted);
    }

    public static String string(JsonObject json, String name) {
        if (json.get(name) instanceof JsonPrimitive value && value.isString()) {
            return value.getAsString();
        }
        throw unfit(json, name, "a string");
    }

    /** A string that was a command's argument and may name a file. */
    public static String argument(String name, JsonElement value) {
        if (value instanceof JsonPrimitive word && word.isString() && word.getAsString().indexOf('\0') < 0) {
            return word.getAsString();
        }
        throw Unfit.of(name, value, "an argument of a command");
    }

    /** A member that is a finite number. */
    public static double number(JsonObject json, String name) {
        return number(name, json.get(name));
    }

    private static double number(String name, @Nullable JsonElement value) {
        if (value instanceof JsonPrimitive number && number.isNumber() && Double.isFinite(number.getAsDouble())) {
            return number.getAsDouble();
        }
        throw Unfit.of(name, value, NUMBER);
    }

    public static boolean yes(JsonObject json, String name) {
        if (json.get(name) instanceof JsonPrimitive value && value.isBoolean()) {
            return value.getAsBoolean();
        }
        throw unfit(json, name, "true or false");
    }

    /** A member that is a whole number in the range of an int. */
    public static int integer(JsonObject json, String name) {
        return integer(name, json.get(name));
    }

    /** A whole number in the range of an int. */
    public static int integer(String name, @Nullable JsonElement value) {
        return (int) whole(name, value, Integer.MAX_VALUE);
    }

    /** A whole number from -max to max. */
    public static long whole(String name, @Nullable JsonElement value, long max) {
        if (!(value instanceof JsonPrimitive number) || !number.isNumber()) {
            throw Unfit.of(name, value, WHOLE);
        }
        try {
            long whole = number.getAsBigDecimal().longValueExact();
            if (whole >= -max && whole <= max) {
                return whole;
            }
        } catch (NumberFormatException | ArithmeticException e) {
            // The number is too large to convert, or has a fraction.
        }
        throw Unfit.of(name, value, WHOLE + " of at most " + max);
    }

    public static JsonObject object(JsonObject json, String name) {
        if (json.get(name) instanceof JsonObject value) {
            return value;
        }
        throw unfit(json, name, "an object");
    }

    /** Reads each element of an array. */
    public static <T> List<T> each(String name, @Nullable JsonElement value,
            BiFunction<String, JsonElement, T> reading) {
        if (!(value instanceof JsonArray array)) {
            throw Unfit.of(name, value, "an array");
        }
        List<T> all = new ArrayList<>();
        for (int i = 0; i < array.size(); i++) {
            all.add(reading.apply(name + "[" + i + "]", array.get(i)));
        }
        return all;
    }

    /** Reads each object of a member that is an array. */
    public static <T> List<T> objects(JsonObject json, String name, Function<JsonObject, T> reading) {
        return each(name, json.get(name), (place, element) -> within(place, element, reading));
    }

    public static List<String> strings(String name, @Nullable JsonElement value) {
        return each(name, value, (place, element) -> {
            if (element instanceof JsonPrimitive word && word.isString()) {
                return word.getAsString();
            }
            throw Unfit.of(place, element, "a string");
        });
    }

    /** Reads an object; a failure names the path to the wrong value. */
    public static <T> T within(String place, @Nullable JsonElement element, Function<JsonObject, T> reading) {
        if (!(element instanceof JsonObject object)) {
            throw Unfit.of(place, element, "an object");
        }
        try {
            return reading.apply(object);
        } catch (Unfit e) {
            throw new Unfit(place + "." + e.getMessage());
        } catch (IllegalArgumentException e) {
            if (isOurs(e)) {
                throw new Unfit(place + " is " + e.getMessage());
            }
            throw e;
        }
    }

    /** Whether charlstm threw the exception; the messages of Java's own exceptions are not for people. */
    private static boolean isOurs(IllegalArgumentException refused) {
        return refused.getMessage() != null && refused.getStackTrace().length > 0
                && refused.getStackTrace()[0].getClassName().startsWith("org.charlstm.");
    }

    /** Refuses a value that does not fit this type of record; a missing member passes. */
    static void requireRecord(String place, JsonElement value, Class<?> type) {
        if (!(value instanceof JsonObject object)) {
            throw Unfit.of(place.isEmpty() ? "it" : place, value, "an object");
        }
        for (RecordComponent component : type.getRecordComponents()) {
            String name = FieldNamingPolicy.LOWER_CASE_WITH_UNDERSCORES.translateName(field(type, component));
            JsonElement member = object.get(name);
            if (member != null) {
                requireType(place.isEmpty() ? name : place + "." + name, member, component.getGenericType());
            }
        }
    }

    private static Field field(Class<?> record, RecordComponent component) {
        return Arrays.stream(record.getDeclaredFields()).filter(field -> field.getName().equals(component.getName()))
                .findFirst().orElseThrow();
    }

    private static void requireType(String name, JsonElement value, Type type) {
        if (value.isJsonNull() && !(type instanceof Class<?> primitive && primitive.isPrimitive())) {
            return;
        }
        boolean primitive = value.isJsonPrimitive();
        if (type == int.class || type == Integer.class) {
            whole(name, value, Integer.MAX_VALUE);
        } else if (type == long.class || type == Long.class) {
            whole(name, value, Long.MAX_VALUE);
        } else if (type == double.class || type == Double.class) {
            number(name, value);
        } else if ((type == boolean.class || type == Boolean.class)
                && !(primitive && value.getAsJsonPrimitive().isBoolean())) {
            throw Unfit.of(name, value, "true or false");
        } else if (type == String.class && !(primitive && value.getAsJsonPrimitive().isString())) {
            throw Unfit.of(name, value, "a string");
        } else if (type instanceof Class<?> record && record.isRecord()) {
            requireRecord(name, value, record);
        } else if (type instanceof ParameterizedType list && list.getRawType() == List.class) {
            each(name, value, (place, element) -> {
                requireType(place, element, list.getActualTypeArguments()[0]);
                return element;
            });
        }
    }
}
