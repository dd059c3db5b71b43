package org.charlstm.sample.step;

import org.charlstm.CharlstmException;

/** Probabilities from logits. */
public final class Softmax {
    /** The probabilities of a row of logits. */
    public static double[] of(double[] logits) {
        double max = max(logits, 0, logits.length);
        double sum = 0;
        double[] probabilities = new double[logits.length];
        for (int j = 0; j < logits.length; j++) {
            probabilities[j] = Math.exp(logits[j] - max);
            sum += probabilities[j];
        }
        for (int j = 0; j < logits.length; j++) {
            probabilities[j] /= sum;
        }
        return probabilities;
    }

    /** Replaces a row of logits by log-probabilities in nats. */
    public static void log(double[] logits, int from, int symbols) {
        double max = max(logits, from, symbols);
        double sum = 0;
        for (int j = from; j < from + symbols; j++) {
            sum += Math.exp(logits[j] - max);
        }
        double all = max + Math.log(sum);
        for (int j = from; j < from + symbols; j++) {
            logits[j] -= all;
        }
    }

    private static double max(double[] logits, int from, int symbols) {
        double max = Double.NEGATIVE_INFINITY;
        for (int j = from; j < from + symbols; j++) {
            requireFinite(logits[j]);
            max = Math.max(max, logits[j]);
        }
        return max;
    }

    public static void requireFinite(double logit) {
        if (!Double.isFinite(logit)) {
            throw new CharlstmException(
                    "the model gives " + logit + "; its training diverged, or its file is broken");
        }
    }
}
