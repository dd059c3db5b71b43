package org.charlstm.nn;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The sizes of a model: ids, one-hot, L layers of LSTM(H), Dense(D) and ReLU at each step, Dense(V) and softmax at each
 * step.
 *
 * @param symbols V, start and end included
 * @param hidden  H, units of each LSTM layer
 * @param layers  L, LSTM layers
 * @param dense   D, units of the middle layer, or 0 to leave it out
 */
public record ModelConfig(int symbols, int hidden, int layers, int dense) {
    /** The lab's number of LSTM units and of units in the middle layer. */
    public static final int LAB_UNITS = 128;

    /** The most elements of a tensor: as float32 they just fit in one buffer when they are saved. */
    private static final int MAX_ELEMENTS = (1 << 29) - 16;

    /** The most parameters of a model: a buffer that is counted in 32 bits holds them, with a device's padding. */
    private static final long MAX_PARAMETERS = 3L << 29;

    /** The most symbols, and the most units of a layer. */
    public static final int MAX_WIDTH = 1 << 20;

    /** The most LSTM layers. */
    public static final int MAX_LAYERS = 64;

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

    /** Refuses sizes that make no model, or one with a tensor that no buffer can hold. */
    public ModelConfig {
        if (symbols < 1 || hidden < 1 || dense < 0 || symbols > MAX_WIDTH || hidden > MAX_WIDTH || dense > MAX_WIDTH) {
            throw new IllegalArgumentException("a model of " + symbols + " symbols, " + hidden + " LSTM units and "
                    + dense + " dense units; each must be from 1 (dense: from 0) to " + MAX_WIDTH);
        }
        if (layers < 1 || layers > MAX_LAYERS) {
            throw new IllegalArgumentException("a model of " + layers + " LSTM layers; there must be from 1 to "
                    + MAX_LAYERS);
        }
        if (Math.max(hidden, symbols) * 4L * hidden > MAX_ELEMENTS
                || (long) Math.max(hidden, symbols) * Math.max(dense, hidden) > MAX_ELEMENTS) {
            throw new IllegalArgumentException("a model of " + symbols + " symbols, " + hidden + " LSTM units and "
                    + dense + " dense units has a tensor of over 2^29 elements; use fewer units");
        }
        if (parameters(symbols, hidden, layers, dense) > MAX_PARAMETERS) {
            throw new IllegalArgumentException("a model of " + layers + " LSTM layers of " + hidden
                    + " units has over 3 * 2^29 parameters; use fewer units or layers");
        }
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
     * @param name    {@code dense_1} or {@code dense_2}
     * @param inputs  columns in
     * @param outputs columns out
     * @param relu    whether a ReLU follows
     */
    public record Dense(String name, int inputs, int outputs, boolean relu) {
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
     * The dense layers, in order.
     *
     * @return one or two
     */
    public List<Dense> denseLayers() {
        return dense == 0 ? List.of(new Dense("dense_1", hidden, symbols, false))
                : List.of(new Dense("dense_1", hidden, dense, true), new Dense("dense_2", dense, symbols, false));
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
        return parameters(symbols, hidden, layers, dense);
    }

    private static long parameters(long symbols, long hidden, long layers, long dense) {
        long recurrent = layers * (hidden + 1) * 4 * hidden;
        long inputs = (symbols + (layers - 1) * hidden) * 4 * hidden;
        long last = dense == 0 ? hidden : dense;
        return recurrent + inputs + (dense == 0 ? 0 : (hidden + 1) * dense) + (last + 1) * symbols;
    }
}
