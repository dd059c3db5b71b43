package org.charlstm.device.reference;

import org.charlstm.device.Ints;
import org.charlstm.device.Lstm;
import org.charlstm.device.LstmShape;
import org.charlstm.device.LstmState;
import org.charlstm.device.Matrix;
import org.charlstm.device.host.HostInts;
import org.charlstm.device.host.Shapes;

/** LSTM layers one above the other. */
final class ReferenceLstm implements Lstm {
    private final LstmShape shape;
    private final ReferenceLstmLayer[] layers;
    /** h of each layer but the highest, whose h is the output: (T B, H). */
    private final double[][] between;

    ReferenceLstm(LstmShape shape, int offset) {
        this.shape = shape;
        layers = new ReferenceLstmLayer[shape.layers()];
        between = new double[shape.layers() - 1][];
        int at = offset;
        for (int l = 0; l < layers.length; l++) {
            layers[l] = new ReferenceLstmLayer(shape, l == 0 ? shape.symbols() : shape.hidden(), at);
            at = layers[l].end();
            if (l < between.length) {
                between[l] = ReferenceMatrix.doubles((long) shape.steps() * shape.batch() * shape.hidden());
            }
        }
    }

    @Override
    public void forward(Matrix weights, Ints ids, LstmState state, Matrix output) {
        int H = shape.hidden();
        int B = shape.batch();
        int[] x = HostInts.of(ids);
        Shapes.ints(ids, shape.steps() * B);
        Shapes.ids(x, shape.symbols());
        double[] top = ReferenceMatrix.of(output, shape.steps() * B, H);
        double[] hidden = state == null ? null : ReferenceMatrix.of(state.hidden(), layers.length * B, H);
        double[] cell = state == null ? null : ReferenceMatrix.of(state.cell(), layers.length * B, H);
        for (int l = 0; l < layers.length; l++) {
            layers[l].forward(ReferenceMatrix.of(weights), l == 0 ? x : null, l == 0 ? null : between[l - 1], hidden,
                    cell, l * B * H, l == layers.length - 1 ? top : between[l]);
        }
    }

    @Override
    public void backward(Matrix weights, Ints ids, Matrix output, Matrix outputGradient, Matrix gradients) {
        if (!shape.training()) {
            throw new IllegalStateException("this LSTM was made for inference; make it with training = true");
        }
        int rows = shape.steps() * shape.batch();
        double[] h = ReferenceMatrix.of(output, rows, shape.hidden());
        double[] dh = ReferenceMatrix.of(outputGradient, rows, shape.hidden());
        for (int l = layers.length - 1; l >= 0; l--) {
            double[] dx = l == 0 ? null : new double[rows * shape.hidden()];
            layers[l].backward(ReferenceMatrix.of(weights), l == 0 ? HostInts.of(ids) : null,
                    l == 0 ? null : between[l - 1], l == layers.length - 1 ? h : between[l], dh,
                    ReferenceMatrix.of(gradients), dx);
            dh = dx;
        }
    }
}
