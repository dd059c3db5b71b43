package org.charlstm.device.reference;

import java.util.Arrays;
import org.charlstm.device.Matrix;
import org.charlstm.device.Padding;
import org.charlstm.device.host.Shapes;
import org.jspecify.annotations.Nullable;

/**
 * Softmax, cross-entropy and its gradient. For each row of logits z (V) whose target is the symbol id:
 * <pre>
 * p[j]  = exp(z[j] - max) / sum over i of exp(z[i] - max)
 * loss  = -ln p[id] = ln(sum over i of exp(z[i] - max)) + max - z[id]
 * dz[j] = (p[j] - (j == id ? 1 : 0)) / count
 * </pre>
 * Subtracting the largest logit, max, changes no probability and keeps exp from overflowing. The loss of a batch is the
 * sum of its rows' losses divided by count, so the gradient has the same divisor. A row whose target is -1 does not
 * count and has a gradient of 0; a row of padding counts in the first three totals but not in the last two. A row is a
 * hit if the first of its highest logits belongs to the target.
 */
final class ReferenceCrossEntropy {
    static void run(Matrix logits, int[] targets, double count, @Nullable Matrix gradient, double[] totals) {
        int rows = logits.rows();
        int symbols = logits.columns();
        double[] z = ReferenceMatrix.of(logits);
        double @Nullable [] dz = gradient == null ? null : ReferenceMatrix.of(gradient, rows, symbols);
        Shapes.targets(targets, rows, symbols);
        for (int m = 0; m < rows; m++) {
            int id = Padding.id(targets[m]);
            if (id < 0) {
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
            double target = z[m * symbols + id];
            double loss = Math.log(sum) + max - target;
            totals[0] += loss;
            totals[1] += predicted == id ? 1 : 0;
            totals[2]++;
            if (targets[m] >= 0) {
                totals[3] += loss;
                totals[4]++;
            }
            for (int j = 0; dz != null && j < symbols; j++) {
                double p = Math.exp(z[m * symbols + j] - max) / sum;
                dz[m * symbols + j] = (p - (j == id ? 1 : 0)) / count;
            }
        }
    }
}
