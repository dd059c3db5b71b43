package org.charlstm.device.reference;

import org.charlstm.device.Embedding.TiedKernel;
import org.charlstm.device.Matrix;

/** Tied kernels in plain loops. */
final class ReferenceTying {
    private ReferenceTying() {
    }

    static void copy(TiedKernel tied, Matrix weights) {
        double[] w = ReferenceMatrix.of(weights);
        for (int v = 0; v < tied.symbols(); v++) {
            for (int e = 0; e < tied.units(); e++) {
                w[tied.dense() + e * tied.symbols() + v] = w[tied.table() + v * tied.units() + e];
            }
        }
    }

    static void gather(TiedKernel tied, Matrix gradients) {
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
