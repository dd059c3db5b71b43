package org.charlstm.sample;

import org.charlstm.CharlstmException;

/** Logarithms of probabilities, in nats. */
final class LogProbabilities {
    private LogProbabilities() {
    }

    /** Makes them of a row of logits, in its place. */
    static void of(double[] logits, int from, int symbols) {
        double max = Double.NEGATIVE_INFINITY;
        for (int j = from; j < from + symbols; j++) {
            requireNumber(logits[j]);
            max = Math.max(max, logits[j]);
        }
        double sum = 0;
        for (int j = from; j < from + symbols; j++) {
            sum += Math.exp(logits[j] - max);
        }
        double all = max + Math.log(sum);
        for (int j = from; j < from + symbols; j++) {
            logits[j] -= all;
        }
    }

    static void requireNumber(double logit) {
        if (!Double.isFinite(logit)) {
            throw new CharlstmException("the model gives " + logit + "; its training diverged, or its file is broken");
        }
    }
}
