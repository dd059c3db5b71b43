package org.charlstm.io.format;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.util.TreeMap;
import org.charlstm.base.Json;
import org.charlstm.base.UntrustedJson;
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

    /** Writes a model's layers, each as its kind and the components of its record. */
    public static JsonObject of(ModelConfig config, int steps) {
        JsonObject json = Json.object("symbols", config.symbols(), "steps", steps);
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
        JsonObject json = Json.object(KIND, layer.kind());
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

    /** Reads a layer that {@link #described} wrote. */
    private static Layer layer(JsonObject json) {
        String kind = UntrustedJson.string(json, KIND);
        return switch (kind) {
            case "dense" -> dense(json);
            case "embedding" -> new EmbeddingLayer(UntrustedJson.integer(json, UNITS));
            case "dropout" -> new DropoutLayer(UntrustedJson.number(json, RATE));
            case "batch_normalization" -> new BatchNormLayer(UntrustedJson.number(json, MOMENTUM),
                    UntrustedJson.number(json, EPSILON));
            default -> {
                UntrustedJson.require(RecurrentCell.isKind(kind), KIND + " is '" + kind + "', which no layer is");
                yield new RecurrentLayer(UntrustedJson.integer(json, UNITS),
                        RecurrentCell.of(kind, option -> UntrustedJson.string(json, option)));
            }
        };
    }

    /** Reads a model from an untrusted file. Call this method within {@link UntrustedJson#read}. */
    public static ModelConfig config(JsonObject json) {
        return new ModelConfig(UntrustedJson.integer(json, "symbols"),
                UntrustedJson.objects(json, LAYERS, ConfigJson::layer), json.has(PREDICTION)
                        ? Prediction.of(UntrustedJson.string(json, PREDICTION)) : Prediction.ALL,
                json.has(FEATURES) ? UntrustedJson.integer(json, FEATURES) : 0);
    }

    private static DenseLayer dense(JsonObject json) {
        return new DenseLayer(UntrustedJson.integer(json, UNITS), Activation.of(UntrustedJson.string(json, ACTIVATION)),
                json.has(TIED) && UntrustedJson.yes(json, TIED));
    }
}
