package org.charlstm.keras;

import com.google.gson.JsonArray;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import java.util.List;
import org.charlstm.base.Json;
import org.charlstm.io.SavedModel;
import org.charlstm.nn.BatchNormLayer;
import org.charlstm.nn.DenseLayer;
import org.charlstm.nn.DropoutLayer;
import org.charlstm.nn.EmbeddingLayer;
import org.charlstm.nn.ModelConfig;
import org.charlstm.nn.Prediction;
import org.charlstm.nn.RecurrentLayer;

/** Writes the configuration of a model in Keras' form; Keras 3 also names the module of each class. */
record KerasConfigWriter(String inputShape, boolean modules) {
    /** The configuration for HDF5, which Keras 2 and 3 read. */
    static String ofKeras2(SavedModel model) {
        return Json.compact(new KerasConfigWriter("batch_input_shape", false).of(model.config(), model.steps()));
    }

    /** The configuration for a Keras 3 archive. */
    static String ofKeras3(SavedModel model) {
        return Json.compact(new KerasConfigWriter("batch_shape", true).of(model.config(), model.steps()));
    }

    private JsonObject of(ModelConfig config, int steps) {
        boolean ofIds = config.layers().getFirst() instanceof EmbeddingLayer;
        JsonArray shape = new JsonArray();
        shape.add(JsonNull.INSTANCE);
        shape.add(steps == 0 ? null : steps);
        if (!ofIds) {
            shape.add(config.symbols());
        }
        JsonObject input = Json.object("name", "input_1", inputShape, shape, "dtype", ofIds ? "int32" : "float32");
        JsonArray layers = new JsonArray();
        layers.add(layer("InputLayer", input));
        List<ModelConfig.Named> all = config.named();
        int top = config.layers().stream().map(RecurrentLayer.class::isInstance).toList().lastIndexOf(true);
        for (int i = 0; i < all.size(); i++) {
            layers.add(described(all.get(i), i == all.size() - 1, i < top || config.prediction() == Prediction.ALL));
        }
        JsonObject sequential = Json.object("name", "charlstm", "layers", layers);
        return object("keras", "Sequential", sequential);
    }

    private JsonObject described(ModelConfig.Named named, boolean last, boolean everyStep) {
        JsonObject options = Json.object("name", named.name());
        return switch (named.layer()) {
            case EmbeddingLayer embedding -> {
                options.addProperty("input_dim", named.inputs());
                options.addProperty("output_dim", embedding.units());
                options.addProperty("mask_zero", false);
                yield layer("Embedding", options);
            }
            case RecurrentLayer recurrent -> {
                putUnits(options, recurrent.units(), "tanh");
                ForeignCell.describe(recurrent.cell(), options);
                options.addProperty("return_sequences", everyStep);
                yield layer(ForeignCell.of(recurrent.cell()).className(), options);
            }
            case DenseLayer dense -> {
                putUnits(options, dense.units(), last ? "softmax" : dense.activation().title());
                yield layer("Dense", options);
            }
            case DropoutLayer dropout -> {
                options.addProperty("rate", dropout.rate());
                yield layer("Dropout", options);
            }
            case BatchNormLayer norm -> {
                options.addProperty("axis", -1);
                options.addProperty("momentum", norm.momentum());
                options.addProperty("epsilon", norm.epsilon());
                options.addProperty("center", true);
                options.addProperty("scale", true);
                yield layer("BatchNormalization", options);
            }
        };
    }

    private static void putUnits(JsonObject options, int units, String activation) {
        options.addProperty("units", units);
        options.addProperty("activation", activation);
        options.addProperty("use_bias", true);
    }

    private JsonObject layer(String className, JsonObject config) {
        return object("keras.layers", className, config);
    }

    private JsonObject object(String module, String className, JsonObject config) {
        JsonObject object = new JsonObject();
        if (modules) {
            object.addProperty("module", module);
            object.add("registered_name", JsonNull.INSTANCE);
        }
        object.addProperty("class_name", className);
        object.add("config", config);
        return object;
    }
}
