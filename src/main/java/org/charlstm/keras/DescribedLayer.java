package org.charlstm.keras;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.charlstm.CharlstmException;
import org.charlstm.device.RecurrentActivation;

/**
 * A layer as a model's configuration describes it.
 *
 * @param place               the file, for messages
 * @param name                the layer's name
 * @param groupClass          its class as Keras 3 names groups, for example {@code time_distributed}
 * @param kind                what it does
 * @param activation          a Dense or Activation layer's, in Keras' words, else {@code linear}
 * @param recurrentActivation an LSTM's
 */
record DescribedLayer(String place, String name, String groupClass, Kind kind, String activation,
        Optional<RecurrentActivation> recurrentActivation) {
    private static final String LINEAR = "linear";
    private static final Set<String> ACTIVATIONS = Set.of(LINEAR, "relu", "tanh", "softmax");
    /** What each option of an LSTM or Dense layer that changes what it computes must be. */
    private static final Map<String, Boolean> OPTIONS = Map.of("use_bias", true, "bias", true, "go_backwards", false,
            "return_state", false);
    /** From here on a hard sigmoid is relu6(x + 3) / 6. */
    private static final int KERAS_WITH_ANOTHER_HARD_SIGMOID = 3;

    /** What a layer does. */
    enum Kind {
        /** LSTM. */
        LSTM,
        /** Dense, at each step. */
        DENSE,
        /** An activation alone. */
        ACTIVATION,
        /** Nothing, once the model is trained. */
        NOTHING
    }

    /**
     * Reads the description of a layer.
     *
     * @param place        the file, for messages
     * @param json         an object with {@code class_name} and {@code config}
     * @param majorVersion Keras'
     * @throws CharlstmException     if the layer computes what no model of charlstm does
     * @throws IllegalStateException if it is no such object, as Gson throws it
     */
    static DescribedLayer of(String place, JsonObject json, int majorVersion) {
        String outer = json.get("class_name").getAsString();
        JsonObject config = json.getAsJsonObject("config");
        String name = (config.has("name") ? config : json).get("name").getAsString();
        String className = outer;
        if (outer.equals("TimeDistributed")) {
            JsonObject inner = config.getAsJsonObject("layer");
            className = inner.get("class_name").getAsString();
            config = inner.getAsJsonObject("config");
        }
        Reading reading = new Reading(place, name, config);
        String group = outer.replaceAll("([a-z0-9])([A-Z])", "$1_$2").toLowerCase(Locale.ROOT);
        return switch (className) {
            case "LSTM" -> {
                reading.requireActivation("tanh");
                yield new DescribedLayer(place, name, group, Kind.LSTM, LINEAR,
                        reading.recurrentActivation(majorVersion));
            }
            case "CuDNNLSTM" -> {
                reading.requireOptions();
                yield new DescribedLayer(place, name, group, Kind.LSTM, LINEAR,
                        Optional.of(RecurrentActivation.SIGMOID));
            }
            case "Dense", "TimeDistributedDense" -> {
                reading.requireOptions();
                yield new DescribedLayer(place, name, group, Kind.DENSE, reading.activation(), Optional.empty());
            }
            case "Activation" -> new DescribedLayer(place, name, group, Kind.ACTIVATION, reading.activation(),
                    Optional.empty());
            case "Softmax" -> new DescribedLayer(place, name, group, Kind.ACTIVATION, "softmax", Optional.empty());
            case "InputLayer", "Dropout" -> new DescribedLayer(place, name, group, Kind.NOTHING, LINEAR,
                    Optional.empty());
            default -> throw FileRefusal.of(place, "has a layer " + name + " of class " + className
                    + "; only LSTM, CuDNNLSTM, Dense, TimeDistributed(Dense), Activation, Softmax, Dropout and "
                    + "InputLayer are read");
        };
    }

    /** The options of a layer. */
    private record Reading(String place, String name, JsonObject config) {
        Optional<RecurrentActivation> recurrentActivation(int majorVersion) {
            JsonElement found = config.has("inner_activation") ? config.get("inner_activation")
                    : config.get("recurrent_activation");
            if (found == null) {
                return Optional.empty();
            }
            String title = function(found);
            if (!RecurrentActivation.titles().contains(title)
                    || (title.equals("hard_sigmoid") && majorVersion >= KERAS_WITH_ANOTHER_HARD_SIGMOID)) {
                throw refused("recurrent activation " + title, "sigmoid, and up to Keras 2 hard_sigmoid");
            }
            return Optional.of(RecurrentActivation.of(title));
        }

        String activation() {
            String title = config.has("activation") ? function(config.get("activation")) : LINEAR;
            if (!ACTIVATIONS.contains(title)) {
                throw refused("activation " + title, "linear, relu, tanh and softmax");
            }
            return title;
        }

        void requireActivation(String title) {
            requireOptions();
            if (config.has("activation") && !function(config.get("activation")).equals(title)) {
                throw refused("activation " + function(config.get("activation")), title);
            }
        }

        void requireOptions() {
            OPTIONS.forEach((option, value) -> {
                if (config.has(option) && config.get(option).getAsBoolean() != value) {
                    throw refused(option + " " + !value, option + " " + value);
                }
            });
        }

        /** A function by its name; Keras 3 may wrap it. */
        private static String function(JsonElement json) {
            return json.isJsonNull() ? LINEAR : json.isJsonObject() ? json.getAsJsonObject().get("config").getAsString()
                    : json.getAsString();
        }

        private CharlstmException refused(String found, String read) {
            return FileRefusal.of(place, "has a layer " + name + " with " + found + "; read is " + read);
        }
    }
}
