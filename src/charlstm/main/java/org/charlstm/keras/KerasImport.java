package org.charlstm.keras;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.device.Activation;
import org.charlstm.device.RecurrentActivation;
import org.charlstm.device.RecurrentCell;
import org.charlstm.nn.BatchNormLayer;
import org.charlstm.nn.DenseLayer;
import org.charlstm.nn.DropoutLayer;
import org.charlstm.nn.EmbeddingLayer;
import org.charlstm.nn.Layer;
import org.charlstm.nn.ModelConfig;
import org.charlstm.nn.Prediction;
import org.charlstm.nn.RecurrentLayer;
import org.charlstm.nn.Tensor;
import org.charlstm.nn.TensorSpec;
import org.charlstm.nn.Weights;

/**
 * A Keras model converted to a model of charlstm, with exactly the file's weights and a sentence on each assumption.
 */
public record KerasImport(Weights weights, List<String> assumptions) {
    private static final String SOFTMAX = "softmax";
    private static final String UNSAID = "the file does not say it";

    /** Converts a model; where the file does not name an Elman cell's activation, tanh is assumed. */
    public static KerasImport of(KerasModel model, Optional<RecurrentActivation> asked) {
        return of(model, asked, Optional.empty());
    }

    /**
     * Converts a model.
     *
     * @param model must begin with an embedding or a recurrent layer and end with a Dense layer with a softmax
     * @param asked the recurrent activation, for a file that does not name it
     * @param cell  the cell, for a file that does not say whether an Elman cell has tanh or ReLU; empty for tanh
     * @throws CharlstmException if the model has other layers, or the file says another recurrent activation or cell
     */
    public static KerasImport of(KerasModel model, Optional<RecurrentActivation> asked,
            Optional<RecurrentCell.Named> cell) {
        List<String> assumptions = new ArrayList<>();
        List<KerasLayer> read = requireModel(model, assumptions);
        KerasLayer last = read.getLast();
        List<KerasLayer> recurrent = of(KerasLayer.Recurrent.class, read);
        List<Layer> layers = new ArrayList<>();
        Prediction prediction = prediction(model, recurrent, assumptions);
        RecurrentActivation gates = recurrentActivation(model, recurrent, asked, assumptions);
        try {
            for (KerasLayer layer : read) {
                layers.add(switch (layer.kind()) {
                    case KerasLayer.Embedding table -> {
                        if (!table.described()) {
                            assumptions.add("the layer " + layer.name() + " is taken to mask nothing: " + UNSAID);
                        }
                        yield new EmbeddingLayer(layer.units());
                    }
                    case KerasLayer.Recurrent its -> new RecurrentLayer(layer.units(),
                            cell(layer.name(), its, gates, activation(model, layer, its, cell), assumptions));
                    case KerasLayer.Dense dense -> new DenseLayer(layer.units(),
                            activation(model, layer, dense.activation(), layer.equals(last), assumptions));
                    case KerasLayer.BatchNorm norm -> norm.settings().orElseGet(() -> {
                        BatchNormLayer usual = BatchNormLayer.KERAS;
                        assumptions.add("the layer " + layer.name() + " is taken to have the momentum "
                                + usual.momentum() + " and the epsilon " + usual.epsilon() + ": " + UNSAID);
                        return usual;
                    });
                    case KerasLayer.Dropout dropout -> new DropoutLayer(dropout.rate());
                    case KerasLayer.InferenceOnly _,KerasLayer.Activation _ ->
                        throw new IllegalStateException(layer.name() + " is no layer of charlstm");
                });
            }
            ModelConfig config = new ModelConfig(read.getFirst().inputs(), layers, prediction, 0);
            Weights weights = new Weights(config, named(config,
                    read.stream().flatMap(layer -> layer.arrays().stream()).toList()));
            weights.requireFinite(model.place());
            return new KerasImport(weights, assumptions);
        } catch (IllegalArgumentException e) {
            throw new CharlstmException(model.place() + " has " + e.getMessage(), e);
        }
    }

    /** The layers that charlstm supports. Each must fit the layer before. */
    private static List<KerasLayer> requireModel(KerasModel model, List<String> assumptions) {
        List<KerasLayer> weighted = model.layers().stream().filter(layer -> !layer.arrays().isEmpty()).toList();
        List<KerasLayer> recurrent = of(KerasLayer.Recurrent.class, weighted);
        List<KerasLayer> dense = of(KerasLayer.Dense.class, weighted);
        if (recurrent.isEmpty() || dense.isEmpty()) {
            throw new CharlstmException(model.place() + " has " + recurrent.size() + " recurrent and " + dense.size()
                    + " Dense layers; there must be one of each at least, a Dense layer last");
        }
        KerasLayer first = weighted.getFirst();
        KerasLayer last = weighted.getLast();
        if (!(first.kind() instanceof KerasLayer.Embedding || first.kind() instanceof KerasLayer.Recurrent)) {
            throw refused(model, first, "is the first; a model of characters begins with an Embedding or a recurrent "
                    + "layer");
        }
        for (int i = 1; i < weighted.size(); i++) {
            KerasLayer layer = weighted.get(i);
            if (layer.kind() instanceof KerasLayer.Embedding) {
                throw refused(model, layer, "is an Embedding and not the first");
            }
            if (layer.inputs() != weighted.get(i - 1).units()) {
                throw refused(model, layer, "takes " + layer.inputs() + " columns, and the one before gives "
                        + weighted.get(i - 1).units());
            }
        }
        if (!(last.kind() instanceof KerasLayer.Dense)) {
            throw refused(model, last, "is the last; a model of characters ends with a Dense layer");
        }
        if (last.units() != first.inputs()) {
            throw refused(model, last, "gives " + last.units() + " columns, and the first layer takes "
                    + first.inputs() + "; a model of characters has as many of both");
        }
        List<KerasLayer> read = new ArrayList<>();
        for (KerasLayer layer : model.layers()) {
            if (layer.kind() instanceof KerasLayer.InferenceOnly out) {
                assumptions.add("the layer " + layer.name() + " is left out: " + out.why());
            } else if (layer.kind() instanceof KerasLayer.Dropout
                    && (read.isEmpty() || read.getLast().equals(last))) {
                assumptions.add("the layer " + layer.name() + " is left out: charlstm drops neither input nor "
                        + "logits");
            } else {
                read.add(layer);
            }
        }
        return read;
    }

    private static List<KerasLayer> of(Class<? extends KerasLayer.Kind> kind, List<KerasLayer> layers) {
        return layers.stream().filter(layer -> kind.isInstance(layer.kind())).toList();
    }

    private static Activation activation(KerasModel model, KerasLayer layer, Optional<String> said, boolean last,
            List<String> assumptions) {
        if (last) {
            if (said.isEmpty()) {
                assumptions.add("the layer " + layer.name() + " is taken to have a softmax: " + UNSAID);
            } else if (!said.get().equals(SOFTMAX)) {
                throw refused(model, layer, "is the last and has the activation " + said.get()
                        + "; a model of characters ends with a softmax");
            }
            return Activation.LINEAR;
        }
        String activation = said.orElseGet(() -> {
            assumptions.add("the layer " + layer.name() + " is taken to have the activation relu: " + UNSAID);
            return Activation.RELU.title();
        });
        if (activation.equals(SOFTMAX)) {
            throw refused(model, layer, "has a softmax and is not the last layer");
        }
        return Activation.of(activation);
    }

    /** The last recurrent layer may output only its last step; the layers below it must output every step. */
    private static Prediction prediction(KerasModel model, List<KerasLayer> recurrent, List<String> assumptions) {
        for (KerasLayer layer : recurrent.subList(0, recurrent.size() - 1)) {
            if (!((KerasLayer.Recurrent) layer.kind()).everyStep().orElse(true)) {
                throw refused(model, layer, "gives its last step alone, which no recurrent layer above it can take");
            }
        }
        Optional<Boolean> everyStep = ((KerasLayer.Recurrent) recurrent.getLast().kind()).everyStep();
        if (everyStep.isEmpty()) {
            assumptions.add("the layer " + recurrent.getLast().name() + " is taken to give its output at each step: "
                    + UNSAID);
        }
        return everyStep.orElse(true) ? Prediction.ALL : Prediction.LAST;
    }

    /** The recurrent activation of the layers whose activation the file does not name. */
    private static RecurrentActivation recurrentActivation(KerasModel model, List<KerasLayer> recurrent,
            Optional<RecurrentActivation> asked, List<String> assumptions) {
        List<KerasLayer> gated = recurrent.stream().filter(layer -> ((KerasLayer.Recurrent) layer.kind()).cell()
                .options().containsKey(RecurrentCell.GATES)).toList();
        boolean unsaid = false;
        for (KerasLayer layer : gated) {
            String its = ((KerasLayer.Recurrent) layer.kind()).said().get(RecurrentCell.GATES);
            if (its != null && asked.isPresent() && !its.equals(asked.get().toString())) {
                throw refused(model, layer, "has the recurrent activation " + its + ", not " + asked.get());
            }
            unsaid |= its == null;
        }
        if (asked.isPresent() && gated.isEmpty()) {
            throw new CharlstmException(model.place() + " has no layer with gates that the recurrent activation "
                    + asked.get() + " would be of; leave it out");
        }
        if (unsaid && asked.isEmpty()) {
            assumptions.add("the recurrent activation is taken to be " + model.recurrentActivation()
                    + ", the default of " + model.generation() + ": " + UNSAID);
        }
        return asked.orElse(model.recurrentActivation());
    }

    /** The requested activation of an Elman cell; empty if none is requested. Refuses a cell other than the file's. */
    private static Optional<String> activation(KerasModel model, KerasLayer layer, KerasLayer.Recurrent its,
            Optional<RecurrentCell.Named> asked) {
        Optional<RecurrentCell> cell = asked.map(name -> name.with(RecurrentActivation.SIGMOID, true));
        Optional<String> activation = cell.map(RecurrentCell::options).map(all -> all.get(RecurrentCell.ACTIVATION));
        String said = its.said().get(RecurrentCell.ACTIVATION);
        if (cell.isPresent() && !cell.get().kind().equals(its.cell().kind())) {
            throw refused(model, layer, "is " + its.cell().one() + "; leave the cell " + asked.get() + " out");
        }
        if (activation.isPresent() && said != null && !activation.get().equals(said)) {
            throw refused(model, layer, "has the activation " + said + "; leave the cell " + asked.get() + " out");
        }
        return activation;
    }

    private static RecurrentCell cell(String name, KerasLayer.Recurrent its, RecurrentActivation gates,
            Optional<String> activation, List<String> assumptions) {
        return RecurrentCell.of(its.cell().kind(), option -> {
            String said = option.equals(RecurrentCell.ACTIVATION) && activation.isPresent() ? activation.get()
                    : its.said().get(option);
            if (said != null || option.equals(RecurrentCell.GATES)) {
                return said != null ? said : gates.toString();
            }
            String usual = Objects.requireNonNull(its.cell().options().get(option), "an option of the cell");
            assumptions.add("the layer " + name + " is taken to have the " + option.replace('_', ' ') + " " + usual
                    + ": " + UNSAID);
            return usual;
        });
    }

    private static List<Tensor> named(ModelConfig config, List<Tensor> arrays) {
        List<Tensor> named = new ArrayList<>();
        for (TensorSpec spec : config.tensors()) {
            named.add(new Tensor(spec.name(), spec.shape(), arrays.get(named.size()).values()));
        }
        return named;
    }

    private static CharlstmException refused(KerasModel model, KerasLayer layer, String why) {
        return new CharlstmException(model.place() + " has a layer " + layer.name() + " that " + why);
    }
}
