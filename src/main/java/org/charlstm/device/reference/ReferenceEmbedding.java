package org.charlstm.device.reference;

import java.util.Arrays;
import org.charlstm.device.Embedding;
import org.charlstm.device.Ints;
import org.charlstm.device.Matrix;
import org.charlstm.device.host.HostInts;
import org.charlstm.device.host.Shapes;

/** The embedding in plain loops. */
record ReferenceEmbedding(Embedding.Shape shape, int offset) implements Embedding {
    private int[] ids(Ints ids) {
        Shapes.ints(ids, shape.rows());
        Shapes.ids(HostInts.of(ids), shape.symbols());
        return HostInts.of(ids);
    }

    @Override
    public void forward(Matrix weights, Ints ids, Matrix output) {
        int[] picked = ids(ids);
        double[] y = ReferenceMatrix.of(output, shape.rows(), shape.units());
        for (int m = 0; m < shape.rows(); m++) {
            System.arraycopy(ReferenceMatrix.of(weights), offset + picked[m] * shape.units(), y, m * shape.units(),
                    shape.units());
        }
    }

    @Override
    public void backward(Ints ids, Matrix outputGradient, Matrix gradients) {
        int[] picked = ids(ids);
        double[] dy = ReferenceMatrix.of(outputGradient, shape.rows(), shape.units());
        double[] dw = ReferenceMatrix.of(gradients);
        Arrays.fill(dw, offset, offset + shape.symbols() * shape.units(), 0);
        for (int m = 0; m < shape.rows(); m++) {
            for (int j = 0; j < shape.units(); j++) {
                dw[offset + picked[m] * shape.units() + j] += dy[m * shape.units() + j];
            }
        }
    }
}
