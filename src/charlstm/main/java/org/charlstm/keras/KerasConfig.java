package org.charlstm.keras;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.base.Json;
import org.charlstm.base.UntrustedJson;
import org.jspecify.annotations.Nullable;

/** The configuration of a model of Keras 1 to 3: a chain of layers, and T if an input shape gives it. */
record KerasConfig(OptionalInt steps, List<LayerConfig> layers) {
    private static final String CONFIG = "config";
    /** A limit far above the number of JSON values in a configuration. */
    private static final int MAX_VALUES = 100_000;

    /** Reads a configuration; refuses layers that no model of charlstm has. */
    static KerasConfig of(String place, String json, int majorVersion) {
        return UntrustedJson.read(place + " has a broken description of its model", "save it anew with Keras", () -> {
            JsonObject model = Json.parse(json, MAX_VALUES);
            Chain chain = new Chain(place, majorVersion);
            // Keras 1 stores the list of layers directly, without a name beside it.
            List<LayerConfig> layers = model.get(CONFIG) instanceof JsonArray
                    ? UntrustedJson.objects(model, CONFIG, chain::layer) : UntrustedJson.within(CONFIG,
                            model.get(CONFIG), config -> UntrustedJson.objects(config, "layers", chain::layer));
            return new KerasConfig(chain.steps, layers);
        });
    }

    /** Reads layers; each must accept the output of the layer before. */
    private static final class Chain {
        private final String place;
        private final int majorVersion;
        private final Set<String> names = new HashSet<>();
        private @Nullable String before;
        private boolean everyStep = true;
        private OptionalInt steps = OptionalInt.empty();

        Chain(String place, int majorVersion) {
            this.place = place;
            this.majorVersion = majorVersion;
        }

        LayerConfig layer(JsonObject layer) {
            LayerConfig read = LayerConfig.of(place, layer, majorVersion, everyStep);
            if (!names.add(read.name()) || (layer.has("inbound_nodes") && !sources(layer.get("inbound_nodes"), names)
                    .equals(before == null ? Set.of() : Set.of(before)))) {
                throw new CharlstmException(place + " has a layer " + read.name() + " that does not take what the "
                        + "layer before gives; only a chain of layers is read");
            }
            before = read.name();
            everyStep = read.kind() instanceof KerasLayer.Recurrent recurrent ? recurrent.everyStep().orElse(true)
                    : everyStep;
            steps = steps.isPresent() ? steps : steps(UntrustedJson.object(layer, CONFIG));
            return read;
        }
    }

    /** T from an input shape (batch, T, V), or (batch, T) if the input is ids. */
    private static OptionalInt steps(JsonObject config) {
        for (String key : List.of("batch_input_shape", "batch_shape")) {
            if (config.has(key) && config.get(key).isJsonArray()) {
                JsonArray shape = config.getAsJsonArray(key);
                if ((shape.size() == 2 || shape.size() == 3) && !shape.get(1).isJsonNull()) {
                    return OptionalInt.of(UntrustedJson.integer(key + "[1]", shape.get(1)));
                }
            }
        }
        return OptionalInt.empty();
    }

    /**
     * The already read layers that a functional layer takes as input. Each generation of Keras nests them differently.
     */
    private static Set<String> sources(JsonElement inbound, Set<String> names) {
        Set<String> found = new HashSet<>();
        Deque<JsonElement> open = new ArrayDeque<>(List.of(inbound));
        while (!open.isEmpty()) {
            JsonElement at = open.pop();
            if (at.isJsonArray()) {
                at.getAsJsonArray().forEach(open::push);
            } else if (at.isJsonObject()) {
                at.getAsJsonObject().asMap().values().forEach(open::push);
            } else if (at.isJsonPrimitive() && names.contains(at.getAsString())) {
                found.add(at.getAsString());
            }
        }
        return found;
    }
}
