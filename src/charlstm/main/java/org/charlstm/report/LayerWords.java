package org.charlstm.report;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import module java.base;
import org.charlstm.device.RecurrentCell;
import org.jspecify.annotations.Nullable;

/** Describes the layers of a run's model for people, from an untrusted description. */
final class LayerWords {
    private static final String LAYERS = "layers";
    private static final String KIND = "kind";
    private static final Map<String, String> TITLES = Map.of("embedding", "Embedding", "dense", "Dense", "dropout",
            "Dropout", "batch_normalization", "BatchNorm");

    /** The model's description with a member for each layer; the lowest has number 1. */
    static @Nullable JsonElement of(@Nullable JsonElement config) {
        if (!(config instanceof JsonObject members) || !(members.get(LAYERS) instanceof JsonArray layers)) {
            return config;
        }
        JsonObject listed = new JsonObject();
        members.asMap().forEach((name, value) -> {
            if (!name.equals(LAYERS)) {
                listed.add(name, value);
            }
            for (int i = 0; name.equals(LAYERS) && i < layers.size(); i++) {
                listed.addProperty("layer " + (i + 1), words(layers.get(i), i == layers.size() - 1));
            }
        });
        return listed;
    }

    private static String words(JsonElement layer, boolean last) {
        if (!(layer instanceof JsonObject members)) {
            return Words.value("", layer);
        }
        String kind = word(members, KIND);
        String title = RecurrentCell.isKind(kind) ? kind.toUpperCase(Locale.ROOT)
                : TITLES.getOrDefault(kind, Words.name(kind));
        return Stream.concat(Stream.of(title), members.keySet().stream()
                .filter(name -> !name.equals(KIND)).map(name -> part(name, word(members, name), last)))
                .filter(part -> !part.isEmpty()).collect(Collectors.joining(", "));
    }

    private static String word(JsonObject members, String name) {
        return Optional.ofNullable(members.get(name)).map(value -> Words.value("", value)).orElse("");
    }

    /** The text of a layer's member; empty for the usual gates. */
    private static String part(String name, String value, boolean last) {
        return switch (name) {
            case "units" -> value + " units";
            case "activation" -> switch (value) {
                case "linear" -> last ? "softmax" : value;
                case "relu" -> "ReLU";
                default -> value;
            };
            case RecurrentCell.GATES -> value.equals("sigmoid") ? "" : Words.name(value) + " gates";
            case RecurrentCell.RESET -> value.equals("true") ? "" : "reset before the product";
            case "tied" -> value.isEmpty() ? "" : "tied to the embedding";
            default -> Words.name(name) + " " + value;
        };
    }
}
