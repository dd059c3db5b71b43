package org.charlstm.device.host;

import java.util.Arrays;
import org.charlstm.device.Draw;
import org.charlstm.random.Philox;
import org.charlstm.random.Purpose;

/** Draws a symbol from a row of logits, in double. A sampler keeps scratch arrays, so each thread needs its own. */
public final class LogitSampler {
    /** The exponentials of the logits of the row. */
    private double[] exponentials = {};
    /** The row's symbols in descending order of their logits. */
    private long[] order = {};

    /** Draws from the row at index {@code row}, as {@link org.charlstm.device.Operations#draw} does; -1 for NaN. */
    public int draw(float[] z, int row, int symbols, Draw how, long seed, int sentence, int position) {
        float highest = highest(z, row, symbols);
        if (Float.isNaN(highest)) {
            return -1;
        }
        if (how.temperature() == 0) {
            int best = 0;
            while (z[row + best] != highest) {
                best++;
            }
            return best;
        }
        if (exponentials.length < symbols) {
            exponentials = new double[symbols];
            order = new long[symbols];
        }
        double uniform = Philox.uniform(seed, Purpose.SAMPLE, sentence, position);
        double sum = exponentiate(z, row, symbols, highest, how.temperature(), exponentials);
        int last = symbols - 1;
        if (how.leavesOut(symbols)) {
            last = leaveOut(z, row, symbols, how);
            sum = 0;
            for (int j = 0; j <= last; j++) {
                sum += exponentials[j];
            }
        }
        double rest = uniform * sum - exponentials[0];
        int symbol = 0;
        while (rest >= 0 && symbol < last) {
            symbol++;
            rest -= exponentials[symbol];
        }
        return symbol;
    }

    /** The highest logit, or NaN if any logit is NaN. */
    private static float highest(float[] z, int row, int symbols) {
        float highest = z[row];
        for (int j = 1; j < symbols; j++) {
            highest = Math.max(highest, z[row + j]);
        }
        return highest;
    }

    /** exp((z - highest) / temperature) of a row, and their sum. */
    private static double exponentiate(float[] z, int row, int symbols, float highest, double temperature,
            double[] to) {
        double sum = 0;
        for (int j = 0; j < symbols; j++) {
            to[j] = Math.exp(((double) z[row + j] - highest) / temperature);
            sum += to[j];
        }
        return sum;
    }

    /** Sets the exponentials of excluded symbols to zero; returns the highest id that is kept. */
    private int leaveOut(float[] z, int row, int symbols, Draw how) {
        double all = 0;
        for (int j = 0; j < symbols; j++) {
            // The bits as an integer rise with a positive float and fall with a negative float; adding 0 drops a zero's
            // sign.
            int bits = Float.floatToRawIntBits(z[row + j] + 0.0f);
            order[j] = (long) (bits < 0 ? bits & Integer.MAX_VALUE : ~bits) << Integer.SIZE | j;
        }
        Arrays.sort(order, 0, symbols);
        int most = Math.min(how.topK(), symbols);
        for (int i = most; i < symbols; i++) {
            exponentials[(int) order[i]] = 0;
        }
        for (int j = 0; j < symbols; j++) {
            all += exponentials[j];
        }
        double goal = how.topP() < 1 ? how.topP() * all : Double.POSITIVE_INFINITY;
        int last = (int) order[0];
        double sum = exponentials[last];
        for (int i = 1; i < most; i++) {
            int symbol = (int) order[i];
            if (sum < goal) {
                sum += exponentials[symbol];
                last = Math.max(last, symbol);
            } else {
                exponentials[symbol] = 0;
            }
        }
        return last;
    }
}
