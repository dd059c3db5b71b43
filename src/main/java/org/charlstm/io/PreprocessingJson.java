package org.charlstm.io;

import com.google.gson.JsonObject;
import java.text.Normalizer;
import java.util.Locale;
import org.charlstm.text.Preprocessing;

/** A preprocessing as JSON, with a member for each step that is not off. */
public final class PreprocessingJson {
    private static final String NORMALIZE = "normalize";
    private static final String LOWER_CASE = "lower_case";
    private static final String ALPHABET = "alphabet";
    private static final String MIN_COUNT = "min_count";

    private PreprocessingJson() {
    }

    /** An object with {@code normalize}, {@code lower_case}, {@code alphabet} and {@code min_count} as far as set. */
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

    /**
     * Reads an object, ignoring other members.
     *
     * @throws IllegalStateException    if a member is of another type
     * @throws IllegalArgumentException if a value is out of range
     */
    public static Preprocessing read(JsonObject json) {
        Preprocessing how = Preprocessing.NONE;
        if (json.has(NORMALIZE)) {
            how = how.form(Normalizer.Form.valueOf(Json.string(json.get(NORMALIZE)).toUpperCase(Locale.ROOT)));
        }
        if (json.has(LOWER_CASE)) {
            how = how.lowerCase(Json.yes(json.get(LOWER_CASE)));
        }
        if (json.has(ALPHABET)) {
            how = how.alphabet(Json.string(json.get(ALPHABET)));
        }
        if (json.has(MIN_COUNT)) {
            how = how.minCount((int) Json.whole(json.get(MIN_COUNT), Integer.MAX_VALUE));
        }
        return how;
    }
}
