package org.charlstm.io.format;

import com.google.gson.JsonObject;
import module java.base;
import org.charlstm.base.UntrustedJson;
import org.charlstm.text.Preprocessing;

/** A preprocessing as JSON, with a member for each step that is on. */
public final class PreprocessingJson {
    private static final String NORMALIZE = "normalize";
    private static final String LOWER_CASE = "lower_case";
    private static final String ALPHABET = "alphabet";
    private static final String MIN_COUNT = "min_count";

    /** An object with optional members {@code normalize}, {@code lower_case}, {@code alphabet}, {@code min_count}. */
    public static JsonObject of(Preprocessing how) {
        JsonObject json = new JsonObject();
        if (how.form() != null) {
            json.addProperty(NORMALIZE, how.form().name().toLowerCase(Locale.ROOT));
        }
        if (how.lowerCase()) {
            json.addProperty(LOWER_CASE, true);
        }
        if (how.alphabet() != null) {
            json.addProperty(ALPHABET, how.alphabet());
        }
        if (how.minCount() > 0) {
            json.addProperty(MIN_COUNT, how.minCount());
        }
        return json;
    }

    /** Reads an object, ignoring other members. */
    public static Preprocessing read(JsonObject json) {
        return new Preprocessing(json.has(NORMALIZE) ? form(UntrustedJson.string(json, NORMALIZE)) : null,
                json.has(LOWER_CASE) && UntrustedJson.yes(json, LOWER_CASE),
                json.has(ALPHABET) ? UntrustedJson.string(json, ALPHABET) : null,
                json.has(MIN_COUNT) ? UntrustedJson.integer(json, MIN_COUNT) : 0);
    }

    private static Normalizer.Form form(String name) {
        return Stream.of(Normalizer.Form.values()).filter(form -> form.name().toLowerCase(Locale.ROOT).equals(name))
                .findFirst().orElseThrow(() -> new IllegalArgumentException("no normal form '" + name + "'"));
    }
}
