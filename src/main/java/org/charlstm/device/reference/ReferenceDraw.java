package org.charlstm.device.reference;

import org.charlstm.device.Matrix;
import org.charlstm.random.Philox;
import org.charlstm.random.Purpose;

/** Drawing from a distribution in plain loops. */
final class ReferenceDraw {
    private ReferenceDraw() {
    }

    static void run(Matrix logits, double temperature, long seed, int[] sentences, int position, int[] drawn) {
        int symbols = logits.columns();
        double[] z = ReferenceMatrix.of(logits);
        for (int m = 0; m < logits.rows(); m++) {
            int best = 0;
            boolean nan = false;
            for (int j = 0; j < symbols; j++) {
                nan |= Double.isNaN(z[m * symbols + j]);
                best = z[m * symbols + j] > z[m * symbols + best] ? j : best;
            }
            if (nan) {
                drawn[m] = -1;
            } else if (temperature == 0) {
                drawn[m] = best;
            } else {
                double max = z[m * symbols + best];
                double sum = 0;
                for (int j = 0; j < symbols; j++) {
                    sum += Math.exp((z[m * symbols + j] - max) / temperature);
                }
                double rest = Philox.uniform(seed, Purpose.SAMPLE, sentences[m], position) * sum;
                int symbol = 0;
                rest -= Math.exp((z[m * symbols] - max) / temperature);
                while (rest >= 0 && symbol < symbols - 1) {
                    symbol++;
                    rest -= Math.exp((z[m * symbols + symbol] - max) / temperature);
                }
                drawn[m] = symbol;
            }
        }
    }
}
