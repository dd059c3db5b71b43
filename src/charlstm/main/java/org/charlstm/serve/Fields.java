package org.charlstm.serve;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import module java.base;
import org.charlstm.base.Quantity;
import org.jspecify.annotations.Nullable;

/** Reads the members of a request's JSON object, checks their types and ranges, and refuses unknown members. */
final class Fields {
    private final JsonObject json;
    private final Set<String> asked = new TreeSet<>();

    Fields(JsonObject json) {
        this.json = json;
    }

    private @Nullable JsonPrimitive value(String name) {
        asked.add(name);
        JsonElement value = json.get(name);
        if (value == null || value.isJsonNull()) {
            return null;
        }
        if (value instanceof JsonPrimitive primitive) {
            return primitive;
        }
        throw new Problem(400, name + " must be a single value");
    }

    String text(String name, int most) {
        JsonPrimitive value = value(name);
        if (value == null) {
            return "";
        }
        Problem.throwIf(!value.isString(), 400, name + " must be a string");
        String text = value.getAsString();
        Problem.throwIf(text.codePointCount(0, text.length()) > most, 400,
                name + " has more than " + most + " characters");
        return text;
    }

    boolean flag(String name) {
        JsonPrimitive value = value(name);
        Problem.throwIf(value != null && !value.isBoolean(), 400, name + " must be true or false");
        return value != null && value.getAsBoolean();
    }

    double number(String name, double fallback, double least, double most) {
        JsonPrimitive value = value(name);
        if (value == null) {
            return fallback;
        }
        double number = value.isNumber() ? value.getAsDouble() : Double.NaN;
        Problem.throwIf(!(number >= least && number <= most), 400,
                name + " must be a number from " + formatted(least) + " to " + formatted(most));
        return number;
    }

    long whole(String name, long fallback, long least, long most) {
        JsonPrimitive value = value(name);
        if (value == null) {
            return fallback;
        }
        try {
            if (value.isNumber()) {
                // Only digits are accepted, because an exponent could make a number of a million digits.
                long number = Long.parseLong(value.getAsString());
                if (number >= least && number <= most) {
                    return number;
                }
            }
        } catch (NumberFormatException e) {
            // The exception below refuses the value.
        }
        throw new Problem(400, name + " must be a whole number from " + least + " to " + most);
    }

    private static String formatted(double bound) {
        return bound == Math.rint(bound) ? Long.toString((long) bound) : Double.toString(bound);
    }

    /** An array of {@code count} numbers in the range of float32. */
    double[] numbers(String name, int count) {
        asked.add(name);
        JsonElement value = json.get(name);
        if (!(value instanceof JsonArray array) || array.size() != count) {
            throw new Problem(400, name + " must be an array of " + Quantity.of(count, "numbers"));
        }
        double[] numbers = new double[count];
        for (int i = 0; i < count; i++) {
            float number =
                    array.get(i) instanceof JsonPrimitive each && each.isNumber() ? each.getAsFloat() : Float.NaN;
            if (!Float.isFinite(number)) {
                throw new Problem(400,
                        name + ": element " + i + ", counted from 0, is no number that float32 holds");
            }
            numbers[i] = number;
        }
        return numbers;
    }

    boolean has(String name) {
        asked.add(name);
        return json.get(name) != null && !json.get(name).isJsonNull();
    }

    /** Refuses members that were not read, because a mistyped name would have no effect. */
    void end() {
        for (String name : json.keySet()) {
            Problem.throwIf(!asked.contains(name), 400, "unknown field; there are " + String.join(", ", asked));
        }
    }
}
