package org.charlstm.nn;

import module java.base;
import org.charlstm.base.Refuse;
import org.charlstm.device.Activation;
import org.charlstm.device.RecurrentCell;

/**
 * A model as data. The first layer takes ids of symbols; the last layer gives a logit for each symbol at each step, or
 * at the last step alone. The softmax is not part of the model.
 *
 * @param symbols  V, the number of symbols, start and end symbols included
 * @param layers   the lowest first. The first is an embedding or a recurrent layer; the last is a dense layer of V
 *                 units without activation. Only the first layer can be an embedding. The last layer can be tied to the
 *                 embedding if its input is as wide as the embedding
 * @param features F, the number of features of a sentence; a learned projection turns the features into the initial
 *                 state. With 0 the initial state is zeros
 */
public record ModelConfig(int symbols, List<Layer> layers, Prediction prediction, int features) {
    /** The lab's number of units in the recurrent layer and in the middle dense layer. */
    public static final int LAB_UNITS = 128;

    /** The most elements of a tensor: as float32 they just fit in one buffer when the model is saved. */
    private static final int MAX_ELEMENTS = (1 << 29) - 16;

    /** The most parameters of a model: padded by a device, they still fit in a buffer of 2^31 - 1 elements. */
    private static final long MAX_PARAMETERS = 3L << 29;

    /** The most symbols, and the most units of a layer. */
    public static final int MAX_WIDTH = 1 << 20;

    /** The most layers of one kind below the last layer. */
    public static final int MAX_LAYERS = 64;

    /** A layer, its name, {@code lstm_1} for example, and its input's columns, or the symbols for the first layer. */
    public record Named(String name, Layer layer, int inputs) {
        /** The columns of the output. */
        public int width() {
            return layer.width(inputs);
        }

        public List<TensorSpec> tensors() {
            return layer.tensors(name, inputs);
        }

        /** The number of parameters. The embedding layer, not this layer, counts a tied kernel's parameters. */
        public long parameters() {
            return layer instanceof DenseLayer dense && dense.tied() ? dense.units()
                    : tensors().stream().mapToLong(TensorSpec::size).sum();
        }
    }

    /** Refuses layers that do not form a model, and tensors that no buffer can hold. */
    public ModelConfig {
        layers = List.copyOf(layers);
        List<Named> named = named(symbols, layers);
        String title = title(symbols, named);
        Refuse.argumentIf(symbols < 1 || symbols > MAX_WIDTH || named.stream().anyMatch(layer -> layer.width() < 1
                || layer.width() > MAX_WIDTH),
                title + "; symbols and units must be from 1 to " + MAX_WIDTH);
        if (layers.size() < 2 || !takesIds(layers.getFirst())
                || layers.stream().noneMatch(RecurrentLayer.class::isInstance)
                || !(layers.getLast() instanceof DenseLayer last && last.units() == symbols
                        && last.activation() == Activation.LINEAR)) {
            throw new IllegalArgumentException(title + "; the first layer must be recurrent, or an embedding with one "
                    + "above it, and the last dense of " + symbols + " units, a logit for each symbol");
        }
        Refuse.argumentIf(layers.stream().skip(1).anyMatch(EmbeddingLayer.class::isInstance),
                title + "; only the first layer may be an embedding");
        requireTied(layers, named, title);
        Refuse.argumentIf(features < 0 || features > MAX_WIDTH,
                "a model of " + features + " features; there may be from 0 to " + MAX_WIDTH);
        layers.subList(0, layers.size() - 1).stream().collect(Collectors.groupingBy(Layer::kind, Collectors.counting()))
                .forEach((kind, count) -> {
                    if (count > MAX_LAYERS) {
                        throw new IllegalArgumentException("a model of " + count + " " + kind + " layers below the "
                                + "last; there may be " + MAX_LAYERS);
                    }
                });
        List<TensorSpec> tensors = tensors(layers, named, features);
        Refuse.argumentIf(tensors.stream().anyMatch(tensor -> tensor.size() > MAX_ELEMENTS),
                title + " has a tensor of over 2^29 elements; use fewer units");
        Refuse.argumentIf(tensors.stream().mapToLong(TensorSpec::size).sum() > MAX_PARAMETERS,
                title + " has over 3 * 2^29 parameters; use fewer units or layers");
    }

    /** A model without features that predicts at each step. */
    public ModelConfig(int symbols, List<Layer> layers) {
        this(symbols, layers, Prediction.ALL, 0);
    }

    /** The same model with another prediction. */
    public ModelConfig predicting(Prediction other) {
        return new ModelConfig(symbols, layers, other, features);
    }

    /** The same model with F features; 0 for none. */
    public ModelConfig conditioned(int numbers) {
        return new ModelConfig(symbols, layers, prediction, numbers);
    }

    private static List<TensorSpec> tensors(List<Layer> layers, List<Named> named, int features) {
        List<TensorSpec> tensors = new ArrayList<>(features == 0 ? List.of()
                : Conditioning.of(features, layers).tensors());
        named.forEach(layer -> tensors.addAll(layer.tensors()));
        return tensors;
    }

    private static boolean takesIds(Layer layer) {
        return layer instanceof RecurrentLayer || layer instanceof EmbeddingLayer;
    }

    private static void requireTied(List<Layer> layers, List<Named> named, String title) {
        for (Named each : named) {
            if (each.layer() instanceof DenseLayer dense && dense.tied() && (!each.equals(named.getLast())
                    || !(layers.getFirst() instanceof EmbeddingLayer table) || table.units() != each.inputs())) {
                throw new IllegalArgumentException(title + "; a dense layer can be tied to the embeddings where it is "
                        + "the last, and takes as many columns as they have");
            }
        }
    }

    /** Whether the last layer's kernel is the transpose of the embeddings. */
    public boolean tied() {
        return layers.getLast() instanceof DenseLayer dense && dense.tied();
    }

    /**
     * A model of these layers and a dense layer of V logits on top; the V symbols include start and end. Throws
     * {@link IllegalArgumentException} if the layers do not form a model, or if the model is too large for a buffer.
     */
    public static ModelConfig of(int symbols, List<Layer> below) {
        List<Layer> all = new ArrayList<>(below);
        all.add(new DenseLayer(symbols, Activation.LINEAR));
        return new ModelConfig(symbols, all);
    }

    /** The same model from an array of layers. */
    public static ModelConfig of(int symbols, Layer... below) {
        return of(symbols, Arrays.asList(below));
    }

    private static String title(int symbols, List<Named> layers) {
        StringJoiner titles = new StringJoiner(", ", "a model of " + symbols + " symbols and the layers ", "");
        for (int from = 0, to; from < layers.size(); from = to) {
            Layer layer = layers.get(from).layer();
            for (to = from + 1; to < layers.size() && layers.get(to).layer().equals(layer);) {
                to++;
            }
            titles.add((to - from == 1 ? "" : to - from + " x ") + layer.kind().replace('_', ' ') + " "
                    + layers.get(from).width());
        }
        return titles.toString();
    }

    private static List<Named> named(int symbols, List<Layer> layers) {
        List<Named> named = new ArrayList<>();
        Map<String, Integer> numbers = new HashMap<>();
        int inputs = symbols;
        for (Layer layer : layers) {
            named.add(new Named(layer.kind() + "_" + numbers.merge(layer.kind(), 1, Integer::sum), layer, inputs));
            inputs = layer.width(inputs);
        }
        return named;
    }

    /** The layers with their names and inputs. */
    public List<Named> named() {
        return named(symbols, layers);
    }

    /** The layers of a kind, the lowest first. */
    public <T extends Layer> List<T> layers(Class<T> kind) {
        return layers.stream().filter(kind::isInstance).map(kind::cast).toList();
    }

    /** The cells of the recurrent layers, each once, the lowest layer's first. */
    public List<RecurrentCell> cells() {
        return layers(RecurrentLayer.class).stream().map(RecurrentLayer::cell).distinct().toList();
    }

    /** All tensors, in order. */
    public List<TensorSpec> tensors() {
        return tensors(layers, named(), features);
    }

    /** The number of parameters; a tied kernel counts once, with the embeddings. */
    public long parameters() {
        return named().stream().mapToLong(Named::parameters).sum() + conditioningParameters();
    }

    /** The number of parameters of the projection from features to the initial state. */
    public long conditioningParameters() {
        return features == 0 ? 0
                : Conditioning.of(features, layers).tensors().stream().mapToLong(TensorSpec::size).sum();
    }
}
