package org.charlstm.nn;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.charlstm.device.Activation;
import org.charlstm.device.RecurrentActivation;

/**
 * The sizes of a model: ids, one-hot, L layers of LSTM(H), any number of middle layers Dense(D) with their activations,
 * Dense(V) and softmax, each at every step.
 *
 * @param symbols             V, start and end included
 * @param hidden              H, units of each LSTM layer
 * @param layers              L, LSTM layers
 * @param recurrentActivation what makes the LSTM's gates
 * @param middle              the dense layers before the last, in order
 */
public record ModelConfig(int symbols, int hidden, int layers, RecurrentActivation recurrentActivation,
        List<Middle> middle) {
    /** The lab's number of LSTM units and of units in the middle layer. */
    public static final int LAB_UNITS = 128;

    /** The most elements of a tensor: as float32 they just fit in one buffer when they are saved. */
    private static final int MAX_ELEMENTS = (1 << 29) - 16;

    /** The most parameters of a model: a buffer that is counted in 32 bits holds them, with a device's padding. */
    private static final long MAX_PARAMETERS = 3L << 29;

    /** The most symbols, and the most units of a layer. */
    public static final int MAX_WIDTH = 1 << 20;

    /** The most LSTM layers, and the most middle layers. */
    public static final int MAX_LAYERS = 64;

    /**
     * A dense layer between the LSTM and the last one.
     *
     * @param units      D
     * @param activation what follows it
     */
    public record Middle(int units, Activation activation) {
    }

    /**
     * A model of one LSTM layer.
     *
     * @param symbols V, start and end included
     * @param hidden  H, LSTM units
     * @param dense   D, units of the middle layer, or 0 to leave it out
     */
    public ModelConfig(int symbols, int hidden, int dense) {
        this(symbols, hidden, 1, dense);
    }

    /**
     * A model with sigmoid gates and at most one middle layer, with a ReLU.
     *
     * @param symbols V, start and end included
     * @param hidden  H, units of each LSTM layer
     * @param layers  L, LSTM layers
     * @param dense   D, units of the middle layer, or 0 to leave it out
     */
    public ModelConfig(int symbols, int hidden, int layers, int dense) {
        this(symbols, hidden, layers, RecurrentActivation.SIGMOID,
                dense == 0 ? List.of() : List.of(new Middle(dense, Activation.RELU)));
    }

    /** Refuses sizes that make no model, or one with a tensor that no buffer can hold. */
    public ModelConfig {
        middle = List.copyOf(middle);
        if (symbols < 1 || hidden < 1 || symbols > MAX_WIDTH || hidden > MAX_WIDTH
                || middle.stream().anyMatch(layer -> layer.units() < 1 || layer.units() > MAX_WIDTH)) {
            throw new IllegalArgumentException("a model of " + symbols + " symbols, " + hidden + " LSTM units and "
                    + units(middle) + " dense units; each must be from 1 to " + MAX_WIDTH);
        }
        if (layers < 1 || layers > MAX_LAYERS) {
            throw new IllegalArgumentException("a model of " + layers + " LSTM layers; there must be from 1 to "
                    + MAX_LAYERS);
        }
        if (middle.size() > MAX_LAYERS) {
            throw new IllegalArgumentException("a model of " + middle.size() + " middle layers; there may be "
                    + MAX_LAYERS);
        }
        int below = hidden;
        long parameters = layers * (hidden + 1L) * 4 * hidden + (symbols + (layers - 1L) * hidden) * 4 * hidden;
        boolean fits = Math.max(hidden, symbols) * 4L * hidden <= MAX_ELEMENTS;
        for (Middle layer : middle) {
            fits &= (long) below * layer.units() <= MAX_ELEMENTS;
            parameters += (below + 1L) * layer.units();
            below = layer.units();
        }
        fits &= (long) below * symbols <= MAX_ELEMENTS;
        if (!fits) {
            throw new IllegalArgumentException("a model of " + symbols + " symbols, " + hidden + " LSTM units and "
                    + units(middle) + " dense units has a tensor of over 2^29 elements; use fewer units");
        }
        if (parameters + (below + 1L) * symbols > MAX_PARAMETERS) {
            throw new IllegalArgumentException("a model of " + layers + " LSTM layers of " + hidden
                    + " units has over 3 * 2^29 parameters; use fewer units or layers");
        }
    }

    private static String units(List<Middle> middle) {
        return middle.isEmpty() ? "no" : middle.stream().map(layer -> Integer.toString(layer.units()))
                .collect(Collectors.joining(" and "));
    }

    /**
     * A tensor that the model has.
     *
     * @param name  for example {@code lstm_1.kernel}
     * @param shape its dimensions
     */
    public record Spec(String name, List<Integer> shape) {
        /**
         * How many elements it has.
         *
         * @return the product of its dimensions
         */
        public long size() {
            return Tensor.size(shape);
        }
    }

    /**
     * A dense layer.
     *
     * @param name       {@code dense_1} and so on
     * @param inputs     columns in
     * @param outputs    columns out
     * @param activation what follows; after the last layer a softmax does that is not part of it
     */
    public record Dense(String name, int inputs, int outputs, Activation activation) {
        /**
         * Its tensors: kernel and bias.
         *
         * @return two specifications
         */
        public List<Spec> tensors() {
            return List.of(new Spec(name + ".kernel", List.of(inputs, outputs)),
                    new Spec(name + ".bias", List.of(outputs)));
        }
    }

    /**
     * The tensors of an LSTM layer: kernel (V, 4H), or (H, 4H) above the first, recurrent kernel (H, 4H), bias (4H);
     * gates i, f, c, o.
     *
     * @param layer from 1
     * @return three specifications
     */
    public List<Spec> lstmTensors(int layer) {
        String name = "lstm_" + layer;
        return List.of(new Spec(name + ".kernel", List.of(layer == 1 ? symbols : hidden, 4 * hidden)),
                new Spec(name + ".recurrent_kernel", List.of(hidden, 4 * hidden)),
                new Spec(name + ".bias", List.of(4 * hidden)));
    }

    /**
     * The tensors of all LSTM layers, the lowest first.
     *
     * @return three specifications a layer
     */
    public List<Spec> lstmTensors() {
        return IntStream.rangeClosed(1, layers).boxed().flatMap(layer -> lstmTensors(layer).stream()).toList();
    }

    /**
     * The dense layers, in order; the last one gives the logits.
     *
     * @return one more than there are middle layers
     */
    public List<Dense> denseLayers() {
        List<Dense> all = new ArrayList<>();
        int inputs = hidden;
        for (Middle layer : middle) {
            all.add(new Dense("dense_" + (all.size() + 1), inputs, layer.units(), layer.activation()));
            inputs = layer.units();
        }
        all.add(new Dense("dense_" + (all.size() + 1), inputs, symbols, Activation.LINEAR));
        return all;
    }

    /**
     * Every tensor, in order.
     *
     * @return the specifications
     */
    public List<Spec> tensors() {
        List<Spec> all = new ArrayList<>(lstmTensors());
        denseLayers().forEach(layer -> all.addAll(layer.tensors()));
        return all;
    }

    /**
     * How many parameters the model has.
     *
     * @return the sum over all tensors
     */
    public long parameters() {
        return tensors().stream().mapToLong(Spec::size).sum();
    }
}
