package org.charlstm.keras;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.charlstm.CharlstmException;
import org.charlstm.device.Activation;
import org.charlstm.device.RecurrentActivation;
import org.charlstm.nn.DenseLayer;
import org.charlstm.nn.Layer;
import org.charlstm.nn.LstmLayer;
import org.charlstm.nn.ModelConfig;
import org.charlstm.nn.Tensor;
import org.charlstm.nn.TensorSpec;
import org.charlstm.nn.Weights;

/**
 * A Keras model as a model of charlstm.
 *
 * @param weights     the weights, the very numbers of the file
 * @param assumptions what the file does not say and was taken for granted, a sentence each
 */
public record KerasImport(Weights weights, List<String> assumptions) {
    private static final String SOFTMAX = "softmax";

    /**
     * Converts a model.
     *
     * @param model the layers: LSTM of one width, then Dense, the last with a softmax
     * @param asked the recurrent activation, for a file that does not say it
     * @return the weights
     * @throws CharlstmException if the model has other layers, or the file says another recurrent activation
     */
    public static KerasImport of(KerasModel model, Optional<RecurrentActivation> asked) {
        List<String> assumptions = new ArrayList<>();
        List<KerasLayer.Lstm> lstm = new ArrayList<>();
        List<KerasLayer.Dense> dense = new ArrayList<>();
        int width = -1;
        for (KerasLayer layer : model.layers()) {
            if (width >= 0 && layer.inputs() != width) {
                throw refused(model, layer, "takes " + layer.inputs() + " columns, and the one before gives " + width);
            }
            width = layer.units();
            switch (layer) {
                case KerasLayer.Dense last -> dense.add(last);
                case KerasLayer.Lstm next -> {
                    if (!dense.isEmpty()) {
                        throw refused(model, next, "is an LSTM after a Dense layer; only LSTM layers and then Dense "
                                + "layers are read");
                    }
                    if (!lstm.isEmpty() && next.units() != lstm.getFirst().units()) {
                        throw refused(model, next, "has " + next.units() + " units and the first LSTM "
                                + lstm.getFirst().units() + "; only LSTM layers of one width are read");
                    }
                    lstm.add(next);
                }
            }
        }
        if (lstm.isEmpty() || dense.isEmpty()) {
            throw FileRefusal.of(model.place(), "has " + lstm.size() + " LSTM and " + dense.size()
                    + " Dense layers; there must be one of each at least, the LSTM layers first");
        }
        int symbols = lstm.getFirst().inputs();
        if (dense.getLast().units() != symbols) {
            throw refused(model, dense.getLast(), "gives " + dense.getLast().units() + " columns, and the first LSTM "
                    + "takes " + symbols + "; a model of characters has as many of both");
        }
        List<Layer> layers = new ArrayList<>();
        List<DenseLayer> middle = middle(model, dense, assumptions);
        RecurrentActivation recurrent = recurrentActivation(model, lstm, asked, assumptions);
        ModelConfig config;
        try {
            lstm.forEach(layer -> layers.add(new LstmLayer(layer.units(), recurrent)));
            layers.addAll(middle);
            config = ModelConfig.of(symbols, layers);
        } catch (IllegalArgumentException e) {
            throw FileRefusal.of(model.place(), "has " + e.getMessage(), e);
        }
        Weights weights = new Weights(config, tensors(config, lstm, dense));
        weights.requireFinite(model.place());
        return new KerasImport(weights, assumptions);
    }

    private static List<DenseLayer> middle(KerasModel model, List<KerasLayer.Dense> dense,
            List<String> assumptions) {
        List<DenseLayer> middle = new ArrayList<>();
        for (KerasLayer.Dense layer : dense.subList(0, dense.size() - 1)) {
            String activation = layer.activation().orElseGet(() -> {
                assumptions.add("the layer " + layer.name() + " is taken to have the activation relu: the file does "
                        + "not say it");
                return Activation.RELU.title();
            });
            if (activation.equals(SOFTMAX)) {
                throw refused(model, layer, "has a softmax and is not the last layer");
            }
            middle.add(new DenseLayer(layer.units(), Activation.of(activation)));
        }
        KerasLayer.Dense last = dense.getLast();
        if (last.activation().isEmpty()) {
            assumptions.add("the layer " + last.name() + " is taken to have a softmax: the file does not say it");
        } else if (!last.activation().get().equals(SOFTMAX)) {
            throw refused(model, last, "is the last and has the activation " + last.activation().get()
                    + "; a model of characters ends with a softmax");
        }
        return middle;
    }

    private static RecurrentActivation recurrentActivation(KerasModel model, List<KerasLayer.Lstm> layers,
            Optional<RecurrentActivation> asked, List<String> assumptions) {
        List<RecurrentActivation> said = layers.stream().map(KerasLayer.Lstm::recurrentActivation)
                .flatMap(Optional::stream).distinct().toList();
        for (KerasLayer.Lstm layer : layers) {
            Optional<RecurrentActivation> its = layer.recurrentActivation();
            if (its.isPresent() && asked.isPresent() && !its.equals(asked)) {
                throw refused(model, layer, "has the recurrent activation " + its.get().title() + ", not "
                        + asked.get().title());
            }
            if (its.isPresent() && its.get() != said.getFirst()) {
                throw refused(model, layer, "has another recurrent activation than the first LSTM; only one is read");
            }
        }
        if (!said.isEmpty()) {
            return said.getFirst();
        }
        if (asked.isEmpty()) {
            assumptions.add("the recurrent activation is taken to be " + model.recurrentActivation().title()
                    + ", the default of " + model.generation() + ": the file does not say it");
        }
        return asked.orElse(model.recurrentActivation());
    }

    private static List<Tensor> tensors(ModelConfig config, List<KerasLayer.Lstm> lstm, List<KerasLayer.Dense> dense) {
        List<Tensor> arrays = Stream.concat(
                lstm.stream().flatMap(layer -> Stream.of(layer.kernel(), layer.recurrentKernel(), layer.bias())),
                dense.stream().flatMap(layer -> Stream.of(layer.kernel(), layer.bias()))).toList();
        List<Tensor> named = new ArrayList<>();
        for (TensorSpec spec : config.tensors()) {
            named.add(new Tensor(spec.name(), spec.shape(), arrays.get(named.size()).values()));
        }
        return named;
    }

    private static CharlstmException refused(KerasModel model, KerasLayer layer, String why) {
        return FileRefusal.of(model.place(), "has a layer " + layer.name() + " that " + why);
    }
}
