package org.charlstm.run.folder;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.base.IoFailure;
import org.charlstm.base.Json;
import org.charlstm.base.RegularFile;
import org.charlstm.base.UntrustedJson;
import org.jspecify.annotations.Nullable;

/** The contents of {@code run.json}, read without trust. */
public final class RunJson {
    /** A limit far above the number of JSON values in any description. */
    private static final int MAX_VALUES = 100_000;
    private static final long MAX_BYTES = 10_000_000;
    /** Options whose values are names: here even digits alone are not a number. */
    private static final Set<String> NAMES = Set.of("text", "more-texts", "out", "init", "resume", "validation",
            "condition", "validation-condition", "alphabet", "encoding");
    /** A JSON number, of a length that a setting can have. */
    private static final Pattern NUMBER = Pattern.compile("-?(0|[1-9]\\d{0,30})(\\.\\d{1,30})?([eE][+-]?\\d{1,3})?");
    private static final String UNREADABLE = " cannot be read";
    private static final String AGAIN = "make it again, or restore it";

    /** Reads the description in a run's folder. Any member may be missing or of another kind. */
    public static JsonObject read(Path folder) {
        Path file = folder.resolve(RunFolder.RUN);
        try {
            RegularFile.requireReadable(file);
            if (Files.size(file) > MAX_BYTES) {
                throw unreadable(file, "it is longer than any", null);
            }
            String text = Files.readString(file);
            return UntrustedJson.read(file + UNREADABLE, AGAIN, () -> Json.parse(text, MAX_VALUES));
        } catch (IOException e) {
            throw unreadable(file, IoFailure.of(e), e);
        }
    }

    private static CharlstmException unreadable(Path file, String why, @Nullable Throwable cause) {
        return new CharlstmException(file + UNREADABLE + ": " + why + "; " + AGAIN, cause);
    }

    /** A string, number or boolean in a description; empty if there is none at that path. */
    public static Optional<String> word(JsonObject description, String... path) {
        JsonElement at = description;
        for (String name : path) {
            at = at instanceof JsonObject object ? object.get(name) : null;
        }
        return at instanceof JsonPrimitive word ? Optional.of(word.getAsString()) : Optional.empty();
    }

    /** The settings in a description by name; the words of a name are joined by underscores. */
    public static Map<String, String> settings(JsonObject description) {
        Map<String, String> settings = new LinkedHashMap<>();
        if (description.get("options") instanceof JsonObject options) {
            options.asMap().forEach((name, value) -> {
                if (value instanceof JsonPrimitive word) {
                    settings.put(name.replace('-', '_'), word.getAsString());
                } else if (value instanceof JsonArray words) {
                    settings.put(name.replace('-', '_'), String.join(" ", Json.strings(words)));
                }
            });
        }
        return settings;
    }

    /** Settings and options with typed numbers and booleans; files have strings for all. */
    public static JsonObject typed(Map<String, @Nullable String> words) {
        JsonObject json = new JsonObject();
        words.forEach((name, word) -> json.add(name, typed(name, word)));
        return json;
    }

    /** The same for options in a description; values that are not strings stay. */
    public static JsonObject typed(JsonObject options) {
        JsonObject json = new JsonObject();
        options.asMap().forEach((name, value) -> json.add(name, value instanceof JsonPrimitive word && word.isString()
                ? typed(name, word.getAsString()) : value));
        return json;
    }

    private static JsonElement typed(String name, @Nullable String word) {
        if (word == null) {
            return JsonNull.INSTANCE;
        }
        if (!NAMES.contains(name.replace('_', '-'))) {
            if (word.equals("true") || word.equals("false")) {
                return new JsonPrimitive(Boolean.valueOf(word));
            }
            if (NUMBER.matcher(word).matches()) {
                return new JsonPrimitive(new BigDecimal(word));
            }
        }
        return new JsonPrimitive(word);
    }

    /** A typed option; JSON's null if it is missing. */
    public static JsonElement typedOption(JsonObject description, String name) {
        return typed(name, word(description, "options", name).orElse(null));
    }
}
