package org.charlstm.device.reference;

import org.charlstm.device.Ints;
import org.charlstm.device.Lstm;
import org.charlstm.device.Lstm.Input;
import org.charlstm.device.Matrix;
import org.charlstm.device.host.HostInts;
import org.charlstm.device.host.Shapes;
import org.jspecify.annotations.Nullable;

/**
 * LSTM layers one above the other: each takes the h of the layer below. Forward goes up through the layers, backward
 * down, where dL/dx of a layer is dL/dh of the layer below.
 */
final class ReferenceLstm implements Lstm {
    private final Lstm.Shape shape;
    private final ReferenceLstmLayer[] layers;
    /** h of each layer below the highest, whose h is the output: (T B, H). */
    private final double[][] between;

    ReferenceLstm(Lstm.Shape shape, int offset) {
        this.shape = shape;
        layers = new ReferenceLstmLayer[shape.layers().count()];
        between = new double[layers.length - 1][];
        int at = offset;
        for (int l = 0; l < layers.length; l++) {
            layers[l] = new ReferenceLstmLayer(shape, shape.layers().inputs(l), at);
            at = layers[l].end();
            if (l < between.length) {
                between[l] = ReferenceMatrix.doubles((long) shape.rows() * shape.hidden());
            }
        }
    }

    /** The ids of a layer's input, or null. */
    private static int @Nullable [] ids(Input input, int layer) {
        return layer == 0 && input instanceof Input.Ids(Ints ids) ? HostInts.of(ids) : null;
    }

    /** The numbers of a layer's input, or null. */
    private double @Nullable [] numbers(Input input, int layer) {
        return layer > 0 ? between[layer - 1]
                : input instanceof Input.Dense(Matrix matrix) ? ReferenceMatrix.of(matrix) : null;
    }

    private double @Nullable [] part(Lstm.@Nullable State state, boolean cell) {
        return state == null ? null : ReferenceMatrix.of(cell ? state.cell() : state.hidden(),
                layers.length * shape.batch(), shape.hidden());
    }

    @Override
    public void forward(Matrix weights, Input input, Lstm.@Nullable State state, Matrix output) {
        int H = shape.hidden();
        Shapes.input(input, shape);
        if (input instanceof Input.Ids(Ints ids)) {
            Shapes.ids(HostInts.of(ids), shape.input().columns());
        }
        double[] top = ReferenceMatrix.of(output, shape.rows(), H);
        double @Nullable [] hidden = part(state, false);
        double @Nullable [] cell = part(state, true);
        for (int l = 0; l < layers.length; l++) {
            layers[l].forward(ReferenceMatrix.of(weights), ids(input, l), numbers(input, l), hidden, cell,
                    l * shape.batch() * H, l == layers.length - 1 ? top : between[l]);
        }
    }

    @Override
    public void backward(Matrix weights, Input input, Matrix output, Matrix outputGradient,
            @Nullable Matrix inputGradient, Lstm.@Nullable State stateGradient, Matrix gradients) {
        if (!shape.training()) {
            throw new IllegalStateException("this LSTM was made for inference; make it with training = true");
        }
        Shapes.input(input, shape);
        Shapes.inputGradient(inputGradient, shape);
        double[] h = ReferenceMatrix.of(output, shape.rows(), shape.hidden());
        double[] dh = ReferenceMatrix.of(outputGradient, shape.rows(), shape.hidden());
        double @Nullable [] hidden = part(stateGradient, false);
        double @Nullable [] cell = part(stateGradient, true);
        for (int l = layers.length - 1; l >= 0; l--) {
            double @Nullable [] dx = l > 0 ? new double[shape.rows() * shape.hidden()]
                    : inputGradient == null ? null : ReferenceMatrix.of(inputGradient);
            layers[l].backward(ReferenceMatrix.of(weights), ids(input, l), numbers(input, l),
                    l == layers.length - 1 ? h : between[l], dh, ReferenceMatrix.of(gradients), dx, hidden, cell,
                    l * shape.batch() * shape.hidden());
            dh = dx == null ? dh : dx;
        }
    }
}
