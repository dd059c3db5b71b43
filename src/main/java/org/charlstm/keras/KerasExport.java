package org.charlstm.keras;

import com.google.gson.JsonArray;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import io.jhdf.HdfFile;
import io.jhdf.WritableHdfFile;
import io.jhdf.api.WritableGroup;
import io.jhdf.exceptions.HdfException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.charlstm.CharlstmException;
import org.charlstm.device.RecurrentActivation;
import org.charlstm.io.AtomicFile;
import org.charlstm.io.Json;
import org.charlstm.io.PrivateFolder;
import org.charlstm.io.Reason;
import org.charlstm.io.SavedModel;
import org.charlstm.nn.BatchNormLayer;
import org.charlstm.nn.DenseLayer;
import org.charlstm.nn.DropoutLayer;
import org.charlstm.nn.EmbeddingLayer;
import org.charlstm.nn.LstmLayer;
import org.charlstm.nn.ModelConfig;
import org.charlstm.nn.Prediction;
import org.charlstm.nn.Tensor;
import org.charlstm.nn.Weights;

/** Writes models as Keras does. */
final class KerasExport {
    /** What the files say wrote them: the layout is that of this version, and later ones read it. */
    private static final String VERSION = "2.4.0";
    private static final String BACKEND = "tensorflow";
    /** The attribute by which jHDF names itself and the machine. */
    private static final String SIGNED = "_jHDF";

    private KerasExport() {
    }

    /** A whole model, for load_model and load_weights of Keras 2 and 3. */
    static void model(Path file, SavedModel model) {
        requireUnconditioned(model.config());
        write(file, root -> {
            root.putAttribute("model_config", Json.compact(config(model.config(), model.steps())));
            root.putAttribute("keras_version", VERSION);
            root.putAttribute("backend", BACKEND);
            WritableGroup group = root.putGroup("model_weights");
            group.putAttribute("keras_version", VERSION);
            group.putAttribute("backend", BACKEND);
            // Loaders pass over layers without weights, here or in the model.
            List<String> layers = withWeights(model.config());
            group.putAttribute("layer_names", layers.toArray(String[]::new));
            for (String layer : layers) {
                List<Tensor> arrays = arrays(model.weights(), layer);
                WritableGroup outer = group.putGroup(layer);
                outer.putAttribute("weight_names", arrays.stream()
                        .map(array -> layer + "/" + shortName(array) + ":0").toArray(String[]::new));
                WritableGroup inner = outer.putGroup(layer);
                arrays.forEach(array -> inner.putDataset(shortName(array) + ":0", floats(array)));
            }
        });
    }

    /** Weights alone, for load_weights of Keras 3. */
    static void weights(Path file, SavedModel model) {
        requireUnconditioned(model.config());
        write(file, root -> {
            WritableGroup group = root.putGroup("layers");
            for (String layer : withWeights(model.config())) {
                String className = layer.replaceFirst("_\\d+$", "");
                int number = Integer.parseInt(layer.substring(className.length() + 1)) - 1;
                WritableGroup outer = group.putGroup(className + (number == 0 ? "" : "_" + number));
                WritableGroup variables = (className.equals("lstm") ? outer.putGroup("cell") : outer).putGroup("vars");
                List<Tensor> arrays = arrays(model.weights(), layer);
                for (int i = 0; i < arrays.size(); i++) {
                    variables.putDataset(Integer.toString(i), floats(arrays.get(i)));
                }
            }
        });
    }

    /** A Sequential model begins from zeros. */
    private static void requireUnconditioned(ModelConfig config) {
        if (config.features() > 0) {
            throw new CharlstmException("Keras' Sequential models have no first state that features could set; export "
                    + "this one for PyTorch").mendedBy("format");
        }
    }

    private static JsonObject config(ModelConfig config, int steps) {
        boolean ofIds = config.layers().getFirst() instanceof EmbeddingLayer;
        JsonArray shape = new JsonArray();
        shape.add(JsonNull.INSTANCE);
        shape.add(steps == 0 ? null : steps);
        if (!ofIds) {
            shape.add(config.symbols());
        }
        JsonObject input = new JsonObject();
        input.addProperty("name", "input_1");
        input.add("batch_input_shape", shape);
        input.addProperty("dtype", ofIds ? "int32" : "float32");
        JsonArray layers = new JsonArray();
        layers.add(layer("InputLayer", input));
        List<ModelConfig.Named> all = config.named();
        int top = config.layers().stream().map(LstmLayer.class::isInstance).toList().lastIndexOf(true);
        for (int i = 0; i < all.size(); i++) {
            layers.add(described(all.get(i), i == all.size() - 1, i < top || config.prediction() == Prediction.ALL));
        }
        JsonObject sequential = new JsonObject();
        sequential.addProperty("name", "charlstm");
        sequential.add("layers", layers);
        return layer("Sequential", sequential);
    }

    private static JsonObject described(ModelConfig.Named named, boolean last, boolean everyStep) {
        JsonObject options = new JsonObject();
        options.addProperty("name", named.name());
        return switch (named.layer()) {
            case EmbeddingLayer embedding -> {
                options.addProperty("input_dim", named.inputs());
                options.addProperty("output_dim", embedding.units());
                options.addProperty("mask_zero", false);
                yield layer("Embedding", options);
            }
            case LstmLayer lstm -> {
                putUnits(options, lstm.units(), "tanh");
                options.addProperty("recurrent_activation", gates(lstm.recurrentActivation()));
                options.addProperty("return_sequences", everyStep);
                yield layer("LSTM", options);
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

    private static String gates(RecurrentActivation activation) {
        return switch (activation) {
            case SIGMOID -> "sigmoid";
            case HARD_SIGMOID -> "hard_sigmoid";
        };
    }

    private static void putUnits(JsonObject options, int units, String activation) {
        options.addProperty("units", units);
        options.addProperty("activation", activation);
        options.addProperty("use_bias", true);
    }

    private static JsonObject layer(String className, JsonObject config) {
        JsonObject layer = new JsonObject();
        layer.addProperty("class_name", className);
        layer.add("config", config);
        return layer;
    }

    private static List<String> withWeights(ModelConfig config) {
        return config.named().stream().filter(layer -> !layer.tensors().isEmpty()).map(ModelConfig.Named::name)
                .toList();
    }

    private static List<Tensor> arrays(Weights weights, String layer) {
        return weights.tensors().stream().filter(tensor -> tensor.name().startsWith(layer + ".")).toList();
    }

    private static String shortName(Tensor tensor) {
        return tensor.name().substring(tensor.name().indexOf('.') + 1);
    }

    /** A vector, or the rows of a matrix, as jHDF takes them. */
    private static Object floats(Tensor tensor) {
        boolean vector = tensor.shape().size() == 1;
        float[][] rows = new float[vector ? 1 : tensor.shape().getFirst()][tensor.shape().getLast()];
        for (int i = 0; i < tensor.values().length; i++) {
            rows[i / tensor.shape().getLast()][i % tensor.shape().getLast()] = (float) tensor.values()[i];
        }
        return vector ? rows[0] : rows;
    }

    /** jHDF writes to a file of its own only, which is then copied to where it replaces the old one at once. */
    private static void write(Path file, Consumer<WritableHdfFile> content) {
        try (PrivateFolder folder = new PrivateFolder()) {
            Path written = folder.file("model.h5");
            try (WritableHdfFile hdf5 = HdfFile.write(written)) {
                hdf5.removeAttribute(SIGNED);
                content.accept(hdf5);
            }
            AtomicFile.write(file, channel -> Files.copy(written, Channels.newOutputStream(channel)));
        } catch (IOException e) {
            throw new CharlstmException(file + " cannot be written: " + Reason.of(e), e);
        } catch (HdfException | UncheckedIOException e) {
            throw new CharlstmException(file + " cannot be written: " + e.getMessage(), e);
        }
    }
}
