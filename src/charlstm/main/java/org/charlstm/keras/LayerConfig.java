package org.charlstm.keras;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.base.Refuse;
import org.charlstm.base.UntrustedJson;
import org.charlstm.device.Dropout;
import org.charlstm.device.RecurrentActivation;
import org.charlstm.device.RecurrentCell;
import org.charlstm.nn.BatchNormLayer;

/**
 * A layer of a configuration. {@code groupClass} is its class in Keras 3's form for groups, such as
 * {@code time_distributed}.
 *
 * @param inputs the number of symbols of an embedding, if the configuration has it
 * @param units  the number of the layer's outputs, if the configuration has it
 */
record LayerConfig(String name, String groupClass, KerasLayer.Kind kind, OptionalInt inputs, OptionalInt units) {
    private static final String CLASS = "class_name";
    private static final String CONFIG = "config";
    private static final String NAME = "name";
    private static final String AXIS = "axis";
    private static final String LINEAR = "linear";
    private static final String TANH = "tanh";
    private static final Set<String> ACTIVATIONS = Set.of(LINEAR, "relu", TANH, "softmax");
    /** Options that change a layer's computation, each with its only supported value. */
    private static final Map<String, Boolean> OPTIONS = Map.of("use_bias", true, "bias", true, "go_backwards", false,
            "return_state", false, "mask_zero", false, "renorm", false);
    /** From this version of Keras on, a hard sigmoid is relu6(x + 3) / 6. */
    private static final int KERAS_WITH_ANOTHER_HARD_SIGMOID = 3;
    /** Classes that TimeDistributed may contain. */
    private static final Set<String> AT_EACH_STEP = Set.of("Dense", "Activation", "Softmax", "Dropout",
            "BatchNormalization");

    private static final KerasLayer.Kind NOTHING = new KerasLayer.Activation(LINEAR);

    /** Reads a layer; {@code everyStep} says whether the layer before outputs every step or only the last. */
    static LayerConfig of(String place, JsonObject json, int majorVersion, boolean everyStep) {
        String outer = UntrustedJson.string(json, CLASS);
        return UntrustedJson.within(CONFIG, json.get(CONFIG), config -> {
            String name = UntrustedJson.string(config.has(NAME) ? config : json, NAME);
            if (!outer.equals("TimeDistributed")) {
                return new Reading(place, name, config).layer(outer, outer, majorVersion, everyStep);
            }
            return UntrustedJson.within("layer", config.get("layer"), inner -> UntrustedJson.within(CONFIG,
                    inner.get(CONFIG), its -> new Reading(place, name, its).layer(outer,
                            UntrustedJson.string(inner, CLASS), majorVersion, everyStep)));
        });
    }

    /** The layer with its arrays, whose sizes must match the configuration. */
    KerasLayer of(LayerArrays arrays) {
        KerasLayer layer = arrays.layer(kind);
        if (kind instanceof KerasLayer.BatchNorm) {
            return layer;
        }
        List<Integer> input = layer.arrays().getFirst().shape();
        int outputs = kind instanceof KerasLayer.Recurrent ? layer.arrays().get(1).shape().getFirst() : input.getLast();
        require(arrays.place(), "outputs", units, outputs);
        require(arrays.place(), "symbols", inputs, input.getFirst());
        return layer;
    }

    private void require(String place, String of, OptionalInt said, int has) {
        Refuse.inputIf(said.orElse(has) != has, place + " describes a layer " + name + " of " + said.orElse(has) + " "
                + of + ", and its weights have " + has + "; save the model anew with Keras");
    }

    private record Reading(String place, String name, JsonObject config) {
        LayerConfig layer(String outer, String className, int majorVersion, boolean everyStep) {
            boolean distributed = !outer.equals(className);
            requireOptions();
            String read = distributed && !AT_EACH_STEP.contains(className) ? outer : className;
            String inner = className + (distributed ? " in TimeDistributed" : "");
            KerasLayer.Kind kind = switch (read) {
                case "Dense", "TimeDistributedDense" -> new KerasLayer.Dense(Optional.of(activation()));
                case "Activation" -> new KerasLayer.Activation(activation());
                case "Softmax" -> new KerasLayer.Activation("softmax");
                case "Embedding" -> new KerasLayer.Embedding(true);
                case "Dropout" -> dropout();
                case "SpatialDropout1D" -> new KerasLayer.InferenceOnly("it drops whole columns");
                case "BatchNormalization" -> batchNorm(distributed || !everyStep ? 1 : 2);
                case "InputLayer" -> NOTHING;
                default -> {
                    ForeignCell cell = ForeignCell.ofClass(read).orElseThrow(() -> new CharlstmException(place
                            + " has a layer " + name + " of class " + inner + "; only " + ForeignCell.classes()
                            + ", Dense, Embedding, Activation, Softmax, Dropout, SpatialDropout1D, BatchNormalization "
                            + "and InputLayer are read, and TimeDistributed of Dense, Activation, Softmax, Dropout and "
                            + "BatchNormalization"));
                    yield recurrent(cell, ForeignCell.isCudnns(read), majorVersion);
                }
            };
            // Keras 1 writes output_dim for all layers, Keras 2 and 3 only for an embedding.
            return new LayerConfig(name, ForeignCell.snake(outer), kind,
                    kind instanceof KerasLayer.Embedding ? integer("input_dim") : OptionalInt.empty(),
                    integer(config.has("units") ? "units" : "output_dim"));
        }

        KerasLayer.Recurrent recurrent(ForeignCell cell, boolean cudnns, int majorVersion) {
            Map<String, String> said = new HashMap<>(cudnns ? cell.options() : Map.of());
            if (!cudnns) {
                String activation = config.has("activation") ? function("activation") : TANH;
                boolean free = cell.options().containsKey(RecurrentCell.ACTIVATION);
                if (!activation.equals(TANH) && !(free && activation.equals("relu"))) {
                    throw refused("activation " + activation, free ? "tanh and relu" : TANH);
                }
                if (free) {
                    said.put(RecurrentCell.ACTIVATION, activation);
                }
                if (cell.options().containsKey(RecurrentCell.GATES)) {
                    recurrentActivation(majorVersion)
                            .ifPresent(gates -> said.put(RecurrentCell.GATES, gates.toString()));
                }
                if (cell.options().containsKey(RecurrentCell.RESET) && config.has(RecurrentCell.RESET)) {
                    said.put(RecurrentCell.RESET, String.valueOf(UntrustedJson.yes(config, RecurrentCell.RESET)));
                }
            }
            return new KerasLayer.Recurrent(cell, said, everyStep());
        }

        private Optional<RecurrentActivation> recurrentActivation(int majorVersion) {
            String option = config.has("inner_activation") ? "inner_activation" : "recurrent_activation";
            if (!config.has(option)) {
                return Optional.empty();
            }
            String title = function(option);
            if (Stream.of(RecurrentActivation.values()).noneMatch(each -> each.toString().equals(title))
                    || (title.equals("hard_sigmoid") && majorVersion >= KERAS_WITH_ANOTHER_HARD_SIGMOID)) {
                throw refused("recurrent activation " + title, "sigmoid, and up to Keras 2 hard_sigmoid");
            }
            return Optional.of(RecurrentActivation.of(title));
        }

        String activation() {
            String title = config.has("activation") ? function("activation") : LINEAR;
            if (!ACTIVATIONS.contains(title)) {
                throw refused("activation " + title, "linear, relu, tanh and softmax");
            }
            return title;
        }

        private Optional<Boolean> everyStep() {
            return Optional.of(config.has("return_sequences") && UntrustedJson.yes(config, "return_sequences"));
        }

        KerasLayer.Kind dropout() {
            if (config.has("noise_shape") && !config.get("noise_shape").isJsonNull()) {
                return new KerasLayer.InferenceOnly("it drops other things than single elements");
            }
            double rate = number("p", number("rate", 0));
            if (rate == 0) {
                return NOTHING;
            }
            try {
                Dropout.requireRate(rate);
            } catch (IllegalArgumentException e) {
                return new KerasLayer.InferenceOnly("its rate is " + rate);
            }
            return new KerasLayer.Dropout(rate);
        }

        /** Requires that the last axis, whose number is {@code columns}, holds the columns. */
        KerasLayer.BatchNorm batchNorm(int columns) {
            if (number("mode", 0) != 0) {
                throw refused("mode " + config.get("mode"), "mode 0");
            }
            if (config.has(AXIS)) {
                // tf.keras may write the axis as a list of one number.
                int axis = UntrustedJson.integer(AXIS, config.get(AXIS) instanceof JsonArray list && list.size() == 1
                        ? list.get(0) : config.get(AXIS));
                if (axis != -1 && axis != columns) {
                    throw refused(AXIS + " " + config.get(AXIS), "axis -1");
                }
            }
            double momentum = number("momentum", BatchNormLayer.KERAS.momentum());
            double epsilon = number("epsilon", BatchNormLayer.KERAS.epsilon());
            List<String> arrays = new ArrayList<>(List.of("gamma", "beta", "moving_mean", "moving_variance"));
            arrays.removeIf(array -> (array.equals("gamma") && isOff("scale"))
                    || (array.equals("beta") && isOff("center")));
            try {
                return new KerasLayer.BatchNorm(Optional.of(new BatchNormLayer(momentum, epsilon)), arrays);
            } catch (IllegalArgumentException e) {
                throw refused("momentum " + momentum + " and epsilon " + epsilon,
                        "a momentum from 0 to 1 and an epsilon above 0");
            }
        }

        private boolean isOff(String option) {
            return config.has(option) && !UntrustedJson.yes(config, option);
        }

        private OptionalInt integer(String option) {
            return config.has(option) && !config.get(option).isJsonNull()
                    ? OptionalInt.of(UntrustedJson.integer(config, option)) : OptionalInt.empty();
        }

        private double number(String option, double otherwise) {
            return config.has(option) ? UntrustedJson.number(config, option) : otherwise;
        }

        void requireOptions() {
            OPTIONS.forEach((option, value) -> {
                if (config.has(option) && UntrustedJson.yes(config, option) != value) {
                    throw refused(option + " " + !value, option + " " + value);
                }
            });
        }

        /** The name of a function, which Keras 3 may wrap in an object. */
        private String function(String option) {
            JsonElement said = config.get(option);
            return said.isJsonNull() ? LINEAR : said.isJsonObject()
                    ? UntrustedJson.within(option, said, function -> UntrustedJson.string(function, CONFIG))
                    : UntrustedJson.string(config, option);
        }

        private CharlstmException refused(String found, String read) {
            return new CharlstmException(place + " has a layer " + name + " with " + found + "; read is " + read);
        }
    }
}
