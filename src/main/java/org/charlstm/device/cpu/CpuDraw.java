package org.charlstm.device.cpu;

import org.charlstm.random.Philox;
import org.charlstm.random.Purpose;

/** Drawing from a distribution: a few dozen symbols a row, in double, on one thread. */
final class CpuDraw {
    private double[] weights = new double[1];

    CpuDraw() {
    }

    void run(CpuMatrix logits, double temperature, long seed, int[] sentences, int position, int[] drawn) {
        if (weights.length < logits.columns()) {
            weights = new double[logits.columns()];
        }
        for (int m = 0; m < logits.rows(); m++) {
            int row = logits.at(m);
            int best = best(logits.values(), row, logits.columns());
            drawn[m] = temperature == 0 || best < 0 ? best
                    : draw(logits, row, best, temperature,
                            Philox.uniform(seed, Purpose.SAMPLE, sentences[m], position));
        }
    }

    /** The lowest id of the highest logit, or -1 if one is NaN. */
    private static int best(float[] z, int row, int symbols) {
        int best = 0;
        for (int j = 0; j < symbols; j++) {
            if (Float.isNaN(z[row + j])) {
                return -1;
            }
            best = z[row + j] > z[row + best] ? j : best;
        }
        return best;
    }

    private int draw(CpuMatrix logits, int row, int best, double temperature, double uniform) {
        float[] z = logits.values();
        double sum = 0;
        for (int j = 0; j < logits.columns(); j++) {
            weights[j] = Math.exp(((double) z[row + j] - z[row + best]) / temperature);
            sum += weights[j];
        }
        double rest = uniform * sum - weights[0];
        int symbol = 0;
        while (rest >= 0 && symbol < logits.columns() - 1) {
            symbol++;
            rest -= weights[symbol];
        }
        return symbol;
    }
}
