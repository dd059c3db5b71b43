package org.charlstm.device.cpu;

import java.util.Arrays;
import org.charlstm.device.Draw;
import org.charlstm.device.cpu.tools.CpuMatrix;
import org.charlstm.device.cpu.tools.Workers;
import org.charlstm.device.host.LogitSampler;

/** Draws from a distribution of a few dozen symbols per row, in double; threads share the rows. */
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
    /** A sampler for each block. */
    private LogitSampler[] rows = {};

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
        if (rows.length < blocks) {
            rows = new LogitSampler[blocks];
            Arrays.setAll(rows, block -> new LogitSampler());
        }
        workers.run(blocks, drawBlock);
    }

    private void drawBlock(int block) {
        int end = Math.min(logits.rows(), (block + 1) * BLOCK);
        for (int m = block * BLOCK; m < end; m++) {
            drawn[m] = rows[block].draw(logits.values(), logits.at(m), logits.columns(), how, seed, sentences[m],
                    position);
        }
    }
}
