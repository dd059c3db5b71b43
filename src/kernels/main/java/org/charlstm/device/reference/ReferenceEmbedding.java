package org.charlstm.device.reference;

import java.util.Arrays;
import org.charlstm.device.Embedding;
import org.charlstm.device.Embedding.TiedKernel;
import org.charlstm.device.Ints;
import org.charlstm.device.Matrix;
import org.charlstm.device.host.HostInts;
import org.charlstm.device.host.Shapes;

/**
 * An embedding, a table (V, E) with a row for each symbol. The forward pass copies row ids[m] of the table into row m
 * of the output. The backward pass adds row m of dL/doutput to row ids[m] of the table's gradient, which starts from
 * zeros. The tied kernel of a dense layer is the transposed table, as in Press and Wolf, "Using the output embedding to
 * improve language models" (2017): the table's gradient then also includes the kernel's gradient.
 */
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

    /** Copies the table (V, E) into the kernel (E, V): kernel[e, v] = table[v, e]. */
    static void copyTied(TiedKernel tied, Matrix weights) {
        double[] w = ReferenceMatrix.of(weights);
        for (int v = 0; v < tied.symbols(); v++) {
            for (int e = 0; e < tied.units(); e++) {
                w[tied.dense() + e * tied.symbols() + v] = w[tied.table() + v * tied.units() + e];
            }
        }
    }

    /** Adds the transposed gradient of the kernel to the table's gradient, then zeros the kernel's gradient. */
    static void gatherTied(TiedKernel tied, Matrix gradients) {
        double[] dw = ReferenceMatrix.of(gradients);
        for (int v = 0; v < tied.symbols(); v++) {
            for (int e = 0; e < tied.units(); e++) {
                int of = tied.dense() + e * tied.symbols() + v;
                dw[tied.table() + v * tied.units() + e] += dw[of];
                dw[of] = 0;
            }
        }
    }
}
