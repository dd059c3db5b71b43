package org.charlstm;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import module java.base;

/**
 * A document of JSON with one value spoilt at a time: of another type, out of range, no number, null, nested, or left
 * out. A seed decides which of them come first: {@code -Dcharlstm.fuzz.cases=100000 -Dcharlstm.fuzz.seed=2} runs all.
 */
public final class SpoiltJson {
    private static final List<String> WORDS = List.of("\"x\"", "\"\"", "\"1\"", "\"NaN\"", "\"\\u0000\"", "null",
            "true",
            "false", "0", "-1", "0.5", "NaN", "Infinity", "1e99", "1e999", "-1e999", "1e999999999", "2147483648",
            "9223372036854775808", "9".repeat(400), "[]", "[1]", "[null]", "{}", "{\"x\":{\"y\":[[]]}}");
    private static final String HERE = "\uE000here\uE000";

    private SpoiltJson() {
    }

    /** So many of the spoilt ones, chosen by the seed; each value is spoilt by then as often as another. */
    public static List<String> of(String json, int most) {
        List<List<String>> each = new ArrayList<>();
        spoil(JsonParser.parseString(json), each);
        Random random = new Random(Long.getLong("charlstm.fuzz.seed", 1));
        each.forEach(words -> Collections.shuffle(words, random));
        Collections.shuffle(each, random);
        List<String> all = new ArrayList<>();
        for (int round = 0; round <= WORDS.size(); round++) {
            for (List<String> words : each) {
                if (round < words.size()) {
                    all.add(words.get(round));
                }
            }
        }
        return all.subList(0, Math.min(most, all.size()));
    }

    private static void spoil(JsonElement root, List<List<String>> each) {
        walk(root, root, each);
    }

    private static void walk(JsonElement root, JsonElement at, List<List<String>> each) {
        if (at instanceof JsonObject object) {
            for (String name : List.copyOf(object.keySet())) {
                JsonElement value = object.get(name);
                object.addProperty(name, HERE);
                List<String> spoilt = words(root);
                object.remove(name);
                spoilt.add(root.toString());
                each.add(spoilt);
                object.add(name, value);
                walk(root, value, each);
            }
        } else if (at instanceof JsonArray array) {
            for (int i = 0; i < array.size(); i++) {
                JsonElement value = array.get(i);
                array.set(i, new JsonPrimitive(HERE));
                each.add(words(root));
                array.set(i, value == null ? JsonNull.INSTANCE : value);
                walk(root, array.get(i), each);
            }
        }
    }

    private static List<String> words(JsonElement root) {
        String text = root.toString();
        List<String> words = new ArrayList<>();
        WORDS.forEach(word -> words.add(text.replace("\"" + HERE + "\"", word)));
        return words;
    }
}
