package org.charlstm.io;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.charlstm.device.Activation;
import org.charlstm.device.RecurrentCell;
import org.charlstm.nn.BatchNormLayer;
import org.charlstm.nn.DenseLayer;
import org.charlstm.nn.DropoutLayer;
import org.charlstm.nn.EmbeddingLayer;
import org.charlstm.nn.Layer;
import org.charlstm.nn.ModelConfig;
import org.charlstm.nn.Prediction;
import org.charlstm.nn.RecurrentLayer;

/** A model's layers as JSON, in model files and in a run's description. */
public final class ConfigJson {
    private static final String LAYERS = "layers";
    private static final String KIND = "kind";
    private static final String UNITS = "units";
    private static final String ACTIVATION = "activation";
    private static final String TIED = "tied";
    private static final String RATE = "rate";
    private static final String MOMENTUM = "momentum";
    private static final String EPSILON = "epsilon";
    private static final String FEATURES = "features";
    private static final String PREDICTION = "predict";

    private ConfigJson() {
    }

    /** Writes a model's layers, each as its kind and the components of its record. */
    public static JsonObject of(ModelConfig config, int steps) {
        JsonObject json = new JsonObject();
        json.addProperty("symbols", config.symbols());
        json.addProperty("steps", steps);
        JsonArray layers = new JsonArray();
        for (Layer layer : config.layers()) {
            layers.add(described(layer));
        }
        json.add(LAYERS, layers);
        if (config.features() > 0) {
            json.addProperty(FEATURES, config.features());
        }
        if (config.prediction() != Prediction.ALL) {
            json.addProperty(PREDICTION, config.prediction().toString());
        }
        return json;
    }

    private static JsonObject described(Layer layer) {
        JsonObject json = new JsonObject();
        json.addProperty(KIND, layer.kind());
        switch (layer) {
            case RecurrentLayer recurrent -> {
                json.addProperty(UNITS, recurrent.units());
                new TreeMap<>(recurrent.cell().options()).forEach(json::addProperty);
            }
            case DenseLayer dense -> {
                json.addProperty(UNITS, dense.units());
                json.addProperty(ACTIVATION, dense.activation().title());
                if (dense.tied()) {
                    json.addProperty(TIED, true);
                }
            }
            case EmbeddingLayer embedding -> json.addProperty(UNITS, embedding.units());
            case DropoutLayer dropout -> json.addProperty(RATE, dropout.rate());
            case BatchNormLayer norm -> {
                json.addProperty(MOMENTUM, norm.momentum());
                json.addProperty(EPSILON, norm.epsilon());
            }
        }
        return json;
    }

    /** Reads what {@link #described} writes. */
    private static Layer layer(JsonObject json) {
        String kind = Json.string(json.get(KIND));
        return switch (kind) {
            case "dense" -> dense(json);
            case "embedding" -> new EmbeddingLayer(integer(json, UNITS));
            case "dropout" -> new DropoutLayer(Json.number(json.get(RATE)));
            case "batch_normalization" -> new BatchNormLayer(Json.number(json.get(MOMENTUM)),
                    Json.number(json.get(EPSILON)));
            default -> {
                if (!RecurrentCell.isKind(kind)) {
                    throw new IllegalArgumentException("no layer is called '" + kind + "'");
                }
                yield new RecurrentLayer(integer(json, UNITS),
                        RecurrentCell.of(kind, option -> Json.string(json.get(option))));
            }
        };
    }

    /** Reads a model of a file that is not trusted; throws an unchecked exception of {@link Json} or the model. */
    static ModelConfig config(JsonObject json) {
        List<Layer> layers = new ArrayList<>();
        for (JsonElement element : json.get(LAYERS).getAsJsonArray()) {
            layers.add(layer(element.getAsJsonObject()));
        }
        return new ModelConfig(integer(json, "symbols"), layers, json.has(PREDICTION)
                ? Prediction.of(Json.string(json.get(PREDICTION))) : Prediction.ALL,
                json.has(FEATURES) ? integer(json, FEATURES) : 0);
    }

    private static DenseLayer dense(JsonObject json) {
        return new DenseLayer(integer(json, UNITS), Activation.of(Json.string(json.get(ACTIVATION))),
                json.has(TIED) && Json.yes(json.get(TIED)));
    }

    /** A whole number of a file that is not trusted. */
    static int integer(JsonObject json, String key) {
        return (int) Json.whole(json.get(key), Integer.MAX_VALUE);
    }
}
