package org.charlstm.bench;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import module java.base;

/** The differences between two JSON values. */
record JsonDifferences(List<String> found) {
    /** A phrase for each difference, for example {@code text.captions is 20, not 30}, where {@code wanted} has 20. */
    static List<String> between(JsonElement there, JsonElement wanted) {
        JsonDifferences differences = new JsonDifferences(new ArrayList<>());
        differences.compare("", there, wanted);
        return differences.found;
    }

    private void compare(String path, JsonElement there, JsonElement wanted) {
        if (there instanceof JsonObject first && wanted instanceof JsonObject second) {
            Set<String> names = new LinkedHashSet<>(first.keySet());
            names.addAll(second.keySet());
            for (String name : names) {
                compare(path.isEmpty() ? name : path + "." + name, member(first, name), member(second, name));
            }
        } else if (there instanceof JsonArray first && wanted instanceof JsonArray second
                && first.size() == second.size()) {
            for (int i = 0; i < first.size(); i++) {
                compare(path + "[" + i + "]", first.get(i), second.get(i));
            }
        } else if (!there.equals(wanted)) {
            found.add(path + " is " + brief(wanted) + ", not " + brief(there));
        }
    }

    private static JsonElement member(JsonObject object, String name) {
        return object.has(name) ? object.get(name) : JsonNull.INSTANCE;
    }

    private static String brief(JsonElement value) {
        return value instanceof JsonArray array ? array.size() + " of them" : value.isJsonObject() ? "something else"
                : value.toString();
    }
}
