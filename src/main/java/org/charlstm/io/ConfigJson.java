package org.charlstm.io;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.charlstm.device.Activation;
import org.charlstm.device.RecurrentActivation;
import org.charlstm.nn.DenseLayer;
import org.charlstm.nn.Layer;
import org.charlstm.nn.LstmLayer;
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
        LstmLayer lstm = config.layers(LstmLayer.class).getFirst();
        JsonObject json = new JsonObject();
        json.addProperty("symbols", config.symbols());
        json.addProperty("hidden", lstm.units());
        json.addProperty("layers", config.layers(LstmLayer.class).size());
        List<DenseLayer> dense = config.layers(DenseLayer.class);
        List<DenseLayer> middle = dense.subList(0, dense.size() - 1);
        if (middle.isEmpty()) {
            json.addProperty("dense", 0);
        } else if (middle.size() == 1 && middle.getFirst().activation() == Activation.RELU) {
            json.addProperty("dense", middle.getFirst().units());
        } else {
            json.add("dense", array(middle));
        }
        json.addProperty("steps", steps);
        json.addProperty("recurrent_activation", lstm.recurrentActivation().title());
        return json;
    }

    private static JsonArray array(List<DenseLayer> middle) {
        JsonArray array = new JsonArray();
        for (DenseLayer layer : middle) {
            JsonObject json = new JsonObject();
            json.addProperty("units", layer.units());
            json.addProperty("activation", layer.activation().title());
            array.add(json);
        }
        return array;
    }

    /** Reads sizes of a file that is not trusted; an unchecked exception of {@link Json} or of the sizes otherwise. */
    static ModelConfig config(JsonObject json) {
        List<Layer> below = new ArrayList<>();
        LstmLayer lstm = new LstmLayer(integer(json, "hidden"),
                RecurrentActivation.of(Json.string(json.get("recurrent_activation"))));
        // Models of before there were several say nothing of layers.
        int layers = json.has("layers") ? integer(json, "layers") : 1;
        if (layers < 1 || layers > ModelConfig.MAX_LAYERS) {
            throw new IllegalArgumentException(layers + " LSTM layers; there must be from 1 to "
                    + ModelConfig.MAX_LAYERS);
        }
        below.addAll(Collections.nCopies(layers, lstm));
        JsonElement dense = json.get("dense");
        if (dense.isJsonArray()) {
            for (JsonElement element : dense.getAsJsonArray()) {
                JsonObject layer = element.getAsJsonObject();
                below.add(new DenseLayer(integer(layer, "units"),
                        Activation.of(Json.string(layer.get("activation")))));
            }
        } else if (integer(json, "dense") != 0) {
            below.add(new DenseLayer(integer(json, "dense"), Activation.RELU));
        }
        return ModelConfig.of(integer(json, "symbols"), below);
    }

    /** A whole number of a file that is not trusted. */
    static int integer(JsonObject json, String key) {
        return (int) Json.whole(json.get(key), Integer.MAX_VALUE);
    }
}
