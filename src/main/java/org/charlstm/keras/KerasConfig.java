package org.charlstm.keras;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import org.charlstm.CharlstmException;
import org.charlstm.io.Json;

/**
 * The configuration of a model of Keras 1 to 3: a chain of layers, sequential or functional.
 *
 * @param steps T, if an input shape gives it
 */
record KerasConfig(OptionalInt steps, List<LayerConfig> layers) {
    /** Far more JSON values than a configuration has. */
    private static final int MAX_VALUES = 100_000;

    /** Reads a configuration; refuses layers that no model of charlstm has. */
    static KerasConfig of(String place, String json, int majorVersion) {
        try {
            JsonElement config = Json.parse(json, MAX_VALUES).get("config");
            JsonArray described = config.isJsonArray() ? config.getAsJsonArray()
                    : config.getAsJsonObject().getAsJsonArray("layers");
            List<LayerConfig> layers = new ArrayList<>();
            OptionalInt steps = OptionalInt.empty();
            Set<String> names = new HashSet<>();
            String before = null;
            boolean everyStep = true;
            for (JsonElement element : described) {
                JsonObject layer = element.getAsJsonObject();
                LayerConfig read = LayerConfig.of(place, layer, majorVersion, everyStep);
                if (!names.add(read.name()) || (layer.has("inbound_nodes")
                        && !sources(layer.get("inbound_nodes"), names).equals(before == null ? Set.of()
                                : Set.of(before)))) {
                    throw new CharlstmException(
                            place + " has a layer " + read.name() + " that does not take what the layer "
                                    + "before gives; only a chain of layers is read");
                }
                before = read.name();
                everyStep = read.kind() instanceof KerasLayer.Recurrent recurrent
                        ? recurrent.everyStep().orElse(true) : everyStep;
                steps = steps.isPresent() ? steps : steps(layer.getAsJsonObject("config"));
                layers.add(read);
            }
            return new KerasConfig(steps, layers);
        } catch (JsonParseException | IllegalStateException | NullPointerException | ClassCastException
                | UnsupportedOperationException | NumberFormatException e) {
            throw new CharlstmException(place + " has a broken description of its model", e);
        }
    }

    /** T of (batch, T, V), or of (batch, T) if the input is ids. */
    private static OptionalInt steps(JsonObject config) {
        for (String key : List.of("batch_input_shape", "batch_shape")) {
            if (config.has(key) && config.get(key).isJsonArray()) {
                JsonArray shape = config.getAsJsonArray(key);
                if ((shape.size() == 2 || shape.size() == 3) && !shape.get(1).isJsonNull()) {
                    return OptionalInt.of(shape.get(1).getAsInt());
                }
            }
        }
        return OptionalInt.empty();
    }

    /** The layers read so far that a functional layer takes as input. Generations of Keras nest them differently. */
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
