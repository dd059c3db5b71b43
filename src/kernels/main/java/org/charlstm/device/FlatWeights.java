package org.charlstm.device;

import module java.base;

/**
 * The first weights of a program's own layers, one layer behind the other as a flat buffer has them. Each layer is
 * added with its values, {@link #add} tells the offset that the layer's operation takes, and {@link #in} makes the
 * buffer:
 *
 * {@snippet :
 * FlatWeights first = new FlatWeights();
 * int offset = first.add(operations.denseLayout(inputs, outputs), kernel, bias);
 * Matrix weights = first.in(memory);
 * Matrix gradients = memory.flat(first.size());
 * Dense dense = operations.dense(memory, new Dense.Shape(inputs, outputs, rows, Activation.LINEAR), offset);
 * }
 *
 * <p>{@code layout.unpack(weights.read(), offset)} gives a layer's tensors back, trained.
 */
public final class FlatWeights {
    private record Layer(WeightLayout layout, double[][] tensors, int offset) {
    }

    private final List<Layer> layers = new ArrayList<>();
    private int size;

    /** No weights so far. */
    public FlatWeights() {
    }

    /**
     * Adds a layer with the first values of its tensors, in their order and row-major, which are copied; gives its
     * offset in the flat buffers. Tensors that the layout does not have are an {@link IllegalArgumentException}; more
     * elements in all than an int counts are an {@link ArithmeticException}.
     */
    public int add(WeightLayout layout, double[]... tensors) {
        int[] wanted = sizes(layout.unpack(new double[layout.size()], 0));
        int[] given = sizes(tensors);
        if (!Arrays.equals(wanted, given)) {
            throw new IllegalArgumentException("tensors of " + Arrays.toString(given)
                    + " elements for a layer whose tensors have " + Arrays.toString(wanted));
        }
        int offset = size;
        size = Math.addExact(size, layout.size());
        layers.add(new Layer(layout, Arrays.stream(tensors).map(double[]::clone).toArray(double[][]::new), offset));
        return offset;
    }

    private static int[] sizes(double[][] tensors) {
        return Arrays.stream(tensors).mapToInt(tensor -> tensor.length).toArray();
    }

    /** Elements of a flat buffer for all layers so far, with what pads them: gradients and states have as many. */
    public int size() {
        return size;
    }

    /** A new flat buffer with the weights of all layers so far; none is an {@link IllegalArgumentException}. */
    public Matrix in(Memory memory) {
        if (layers.isEmpty()) {
            throw new IllegalArgumentException("weights of no layer; add one first");
        }
        double[] values = new double[size];
        for (Layer layer : layers) {
            layer.layout.pack(layer.tensors, values, layer.offset);
        }
        Matrix flat = memory.flat(size);
        flat.write(values);
        return flat;
    }
}
