package org.charlstm.device.reference;

import java.util.Arrays;
import org.charlstm.device.Matrix;
import org.charlstm.device.host.Shapes;
import org.jspecify.annotations.Nullable;

/** Softmax, cross-entropy and its gradient in plain loops. */
final class ReferenceCrossEntropy {
    private ReferenceCrossEntropy() {
    }

    static void run(Matrix logits, int[] targets, double count, @Nullable Matrix gradient, double[] totals) {
        int rows = logits.rows();
        int symbols = logits.columns();
        double[] z = ReferenceMatrix.of(logits);
        double @Nullable [] dz = gradient == null ? null : ReferenceMatrix.of(gradient, rows, symbols);
        Shapes.targets(targets, rows, symbols);
        for (int m = 0; m < rows; m++) {
            if (targets[m] < 0) {
                if (dz != null) {
                    Arrays.fill(dz, m * symbols, (m + 1) * symbols, 0);
                }
                continue;
            }
            double max = Double.NEGATIVE_INFINITY;
            int predicted = 0;
            for (int j = 0; j < symbols; j++) {
                max = Math.max(max, z[m * symbols + j]);
                predicted = z[m * symbols + j] > z[m * symbols + predicted] ? j : predicted;
            }
            double sum = 0;
            for (int j = 0; j < symbols; j++) {
                sum += Math.exp(z[m * symbols + j] - max);
            }
            double target = z[m * symbols + targets[m]];
            totals[0] += Math.log(sum) + max - target;
            totals[1] += predicted == targets[m] ? 1 : 0;
            totals[2]++;
            for (int j = 0; dz != null && j < symbols; j++) {
                double p = Math.exp(z[m * symbols + j] - max) / sum;
                dz[m * symbols + j] = (p - (j == targets[m] ? 1 : 0)) / count;
            }
        }
    }
}
