package org.charlstm.device;

import module java.base;

/**
 * The initial weights of a program's own layers, one layer after the other as in a flat buffer. {@link #add} adds a
 * layer with its values and returns the offset that the layer's operation takes; {@link #in} makes the buffer:
 *
 * {@snippet :
 * FlatWeights first = new FlatWeights();
 * int offset = first.add(operations.denseLayout(inputs, outputs), kernel, bias);
 * Matrix weights = first.in(memory);
 * Matrix gradients = memory.flat(first.size());
 * Dense dense = operations.dense(memory, new Dense.Shape(inputs, outputs, rows, Activation.LINEAR), offset);
 * }
 *
 * <p>After training, {@code layout.unpack(weights.read(), offset)} returns a layer's tensors.
 */
public final class FlatWeights {
    private record Layer(WeightLayout layout, double[][] tensors, int offset) {
    }

    private final List<Layer> layers = new ArrayList<>();
    private int size;

    /** Starts without layers. */
    public FlatWeights() {
    }

    /**
     * Adds a layer with copies of the initial values of its tensors, in the layout's order and row-major, and returns
     * the layer's offset in the flat buffers. Throws an {@link IllegalArgumentException} if the tensors do not fit the
     * layout, and an {@link ArithmeticException} if the total number of elements overflows an int.
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

    /** The number of elements, with padding, of a flat buffer of weights, gradients or states for all layers so far. */
    public int size() {
        return size;
    }

    /** A new flat buffer with all weights so far; throws an {@link IllegalArgumentException} without any layer. */
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
