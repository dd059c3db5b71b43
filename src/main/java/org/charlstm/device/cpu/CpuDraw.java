package org.charlstm.device.cpu;

import java.util.Arrays;
import org.charlstm.device.Draw;
import org.charlstm.random.Philox;
import org.charlstm.random.Purpose;

/** Drawing from a distribution: a few dozen symbols a row, in double, rows shared among the threads. */
final class CpuDraw {
    private static final int BLOCK = 16;

    private final Workers workers;
    private final Workers.Shard drawBlock = this::drawBlock;
    private CpuMatrix logits = CpuMatrix.EMPTY;
    private Draw how = Draw.at(1);
    private long seed;
    private int[] sentences = {};
    private int position;
    private int[] drawn = {};
    /** The exponentials of a row, for each block. */
    private double[][] weights = new double[1][];
    /** A row's symbols by falling logits, for each block. */
    private long[][] orders = new long[1][];

    CpuDraw(Workers workers) {
        this.workers = workers;
    }

    void run(CpuMatrix logitsAt, Draw howAt, long seedAt, int[] sentencesAt, int positionAt, int[] drawnAt) {
        logits = logitsAt;
        how = howAt;
        seed = seedAt;
        sentences = sentencesAt;
        position = positionAt;
        drawn = drawnAt;
        int blocks = Math.ceilDiv(logits.rows(), BLOCK);
        if (weights.length < blocks || weights[0] == null || weights[0].length < logits.columns()) {
            weights = new double[blocks][logits.columns()];
            orders = new long[blocks][logits.columns()];
        }
        workers.run(blocks, drawBlock);
    }

    private void drawBlock(int block) {
        int end = Math.min(logits.rows(), (block + 1) * BLOCK);
        for (int m = block * BLOCK; m < end; m++) {
            int row = logits.at(m);
            int best = best(logits.values(), row, logits.columns());
            drawn[m] = how.temperature() == 0 || best < 0 ? best
                    : draw(row, best, weights[block], orders[block],
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

    private int draw(int row, int best, double[] exponentials, long[] order, double uniform) {
        float[] z = logits.values();
        double sum = 0;
        for (int j = 0; j < logits.columns(); j++) {
            exponentials[j] = Math.exp(((double) z[row + j] - z[row + best]) / how.temperature());
            sum += exponentials[j];
        }
        int last = logits.columns() - 1;
        if (how.leavesOut(logits.columns())) {
            last = leaveOut(row, exponentials, order);
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

    /** Sets the exponentials of all that is not to stay to zero; gives the highest id that stays. */
    private int leaveOut(int row, double[] exponentials, long[] order) {
        int symbols = logits.columns();
        double all = 0;
        for (int j = 0; j < symbols; j++) {
            // As an integer a positive float rises with its value, a negative one falls; a zero has no sign here.
            int bits = Float.floatToRawIntBits(logits.values()[row + j] + 0.0f);
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
