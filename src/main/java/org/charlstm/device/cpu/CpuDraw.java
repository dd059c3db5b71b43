package org.charlstm.device.cpu;

import org.charlstm.random.Philox;
import org.charlstm.random.Purpose;

/** Drawing from a distribution: a few dozen symbols a row, in double, rows shared among the threads. */
final class CpuDraw {
    private static final int BLOCK = 16;

    private final Workers workers;
    private final Workers.Shard drawBlock = this::drawBlock;
    private CpuMatrix logits = CpuMatrix.EMPTY;
    private double temperature;
    private long seed;
    private int[] sentences = {};
    private int position;
    private int[] drawn = {};
    /** The exponentials of a row, for each block. */
    private double[][] weights = new double[1][];

    CpuDraw(Workers workers) {
        this.workers = workers;
    }

    void run(CpuMatrix logitsAt, double temperatureAt, long seedAt, int[] sentencesAt, int positionAt, int[] drawnAt) {
        logits = logitsAt;
        temperature = temperatureAt;
        seed = seedAt;
        sentences = sentencesAt;
        position = positionAt;
        drawn = drawnAt;
        int blocks = Math.ceilDiv(logits.rows(), BLOCK);
        if (weights.length < blocks || weights[0] == null || weights[0].length < logits.columns()) {
            weights = new double[blocks][logits.columns()];
        }
        workers.run(blocks, drawBlock);
    }

    private void drawBlock(int block) {
        int end = Math.min(logits.rows(), (block + 1) * BLOCK);
        for (int m = block * BLOCK; m < end; m++) {
            int row = logits.at(m);
            int best = best(logits.values(), row, logits.columns());
            drawn[m] = temperature == 0 || best < 0 ? best
                    : draw(row, best, weights[block], Philox.uniform(seed, Purpose.SAMPLE, sentences[m], position));
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

    private int draw(int row, int best, double[] exponentials, double uniform) {
        float[] z = logits.values();
        double sum = 0;
        for (int j = 0; j < logits.columns(); j++) {
            exponentials[j] = Math.exp(((double) z[row + j] - z[row + best]) / temperature);
            sum += exponentials[j];
        }
        double rest = uniform * sum - exponentials[0];
        int symbol = 0;
        while (rest >= 0 && symbol < logits.columns() - 1) {
            symbol++;
            rest -= exponentials[symbol];
        }
        return symbol;
    }
}
