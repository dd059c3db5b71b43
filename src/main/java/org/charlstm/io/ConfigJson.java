package org.charlstm.io;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.List;
import java.util.stream.StreamSupport;
import org.charlstm.device.Activation;
import org.charlstm.device.RecurrentActivation;
import org.charlstm.nn.ModelConfig;

/** A model's sizes as JSON, in model files and in a run's description. */
public final class ConfigJson {
    private ConfigJson() {
    }

    /**
     * Writes sizes. The middle layers are a number where they are none or one with a ReLU: its units, or 0.
     *
     * @param config the sizes
     * @param steps  T
     * @return the object
     */
    public static JsonObject of(ModelConfig config, int steps) {
        JsonObject json = new JsonObject();
        json.addProperty("symbols", config.symbols());
        json.addProperty("hidden", config.hidden());
        json.addProperty("layers", config.layers());
        List<ModelConfig.Middle> middle = config.middle();
        if (middle.isEmpty()) {
            json.addProperty("dense", 0);
        } else if (middle.size() == 1 && middle.getFirst().activation() == Activation.RELU) {
            json.addProperty("dense", middle.getFirst().units());
        } else {
            json.add("dense", array(middle));
        }
        json.addProperty("steps", steps);
        json.addProperty("recurrent_activation", config.recurrentActivation().title());
        return json;
    }

    private static JsonArray array(List<ModelConfig.Middle> middle) {
        JsonArray array = new JsonArray();
        for (ModelConfig.Middle layer : middle) {
            JsonObject json = new JsonObject();
            json.addProperty("units", layer.units());
            json.addProperty("activation", layer.activation().title());
            array.add(json);
        }
        return array;
    }

    /** Reads sizes of a file that is not trusted; an unchecked exception of {@link Json} or of the sizes otherwise. */
    static ModelConfig config(JsonObject json) {
        RecurrentActivation recurrent = RecurrentActivation.of(
                Json.string(json.get("recurrent_activation")));
        JsonElement dense = json.get("dense");
        // Models of before there were several say nothing of layers.
        int layers = json.has("layers") ? integer(json, "layers") : 1;
        if (!dense.isJsonArray()) {
            int units = integer(json, "dense");
            return new ModelConfig(integer(json, "symbols"), integer(json, "hidden"), layers, recurrent,
                    units == 0 ? List.of() : List.of(new ModelConfig.Middle(units, Activation.RELU)));
        }
        return new ModelConfig(integer(json, "symbols"), integer(json, "hidden"), layers, recurrent,
                StreamSupport.stream(dense.getAsJsonArray().spliterator(), false).map(JsonElement::getAsJsonObject)
                        .map(layer -> new ModelConfig.Middle(integer(layer, "units"),
                                Activation.of(Json.string(layer.get("activation"))))).toList());
    }

    /** A whole number of a file that is not trusted. */
    static int integer(JsonObject json, String key) {
        return (int) Json.whole(json.get(key), Integer.MAX_VALUE);
    }
}
