package org.charlstm.device.cpu;

import static org.charlstm.device.cpu.Lanes.COUNT;
import static org.charlstm.device.cpu.Lanes.SPECIES;
import static org.charlstm.device.cpu.Lanes.all;
import static org.charlstm.device.cpu.Lanes.flushed;
import static org.charlstm.device.cpu.Lanes.load;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import org.charlstm.device.Matrix;
import org.charlstm.device.host.Shapes;

/** Softmax, cross-entropy and its gradient in one pass over the rows. */
final class CpuCrossEntropy {
    private static final int BLOCK = 256;

    private final Workers workers;
    private final Workers.Shard runBlock = this::runBlock;
    private CpuMatrix logits;
    private CpuMatrix gradient;
    private int[] targets;
    private double[] losses = new double[1];
    private int[] hits = new int[1];

    CpuCrossEntropy(Workers workers) {
        this.workers = workers;
    }

    void run(Matrix logitsAt, int[] targetsAt, Matrix gradientAt, double[] totals) {
        logits = CpuMatrix.of(logitsAt);
        gradient = gradientAt == null ? null : CpuMatrix.of(gradientAt, logits.rows(), logits.columns());
        targets = targetsAt;
        Shapes.require(targets.length == logits.rows(), "%d targets for %d rows", targets.length, logits.rows());
        Shapes.ids(targets, logits.columns());
        int blocks = Math.ceilDiv(logits.rows(), BLOCK);
        if (losses.length < blocks) {
            losses = new double[blocks];
            hits = new int[blocks];
        }
        workers.run(blocks, runBlock);
        for (int block = 0; block < blocks; block++) {
            totals[0] += losses[block];
            totals[1] += hits[block];
        }
    }

    private void runBlock(int block) {
        int end = Math.min(logits.rows(), (block + 1) * BLOCK);
        int symbols = logits.columns();
        float[] z = logits.values();
        double loss = 0;
        int hit = 0;
        for (int m = block * BLOCK; m < end; m++) {
            int row = m * logits.stride();
            float max = max(z, row, symbols);
            float target = z[row + targets[m]];
            double sum = exponentials(z, row, symbols, max);
            loss += Math.log(sum) + max - target;
            hit += target == max ? 1 : 0;
            if (gradient != null) {
                differentiate(m, max, (float) (1 / (sum * logits.rows())));
            }
        }
        losses[block] = loss;
        hits[block] = hit;
    }

    private static float max(float[] z, int row, int symbols) {
        FloatVector max = all(Float.NEGATIVE_INFINITY);
        for (int j = 0; j < symbols; j += COUNT) {
            VectorMask<Float> inside = SPECIES.indexInRange(j, symbols);
            max = max.lanewise(VectorOperators.MAX, load(z, row + j), inside);
        }
        return max.reduceLanes(VectorOperators.MAX);
    }

    private static double exponentials(float[] z, int row, int symbols, float max) {
        FloatVector sum = all(0f);
        for (int j = 0; j < symbols; j += COUNT) {
            VectorMask<Float> inside = SPECIES.indexInRange(j, symbols);
            sum = sum.add(load(z, row + j).sub(max).lanewise(VectorOperators.EXP), inside);
        }
        return sum.reduceLanes(VectorOperators.ADD);
    }

    /** The gradient may be the logits themselves, so each vector is read before it is written. */
    private void differentiate(int m, float max, float scale) {
        float[] to = gradient.values();
        int row = m * gradient.stride();
        for (int j = 0; j < logits.columns(); j += COUNT) {
            VectorMask<Float> inside = SPECIES.indexInRange(j, logits.columns());
            FloatVector p = load(logits.values(), row + j).sub(max).lanewise(VectorOperators.EXP).mul(scale);
            flushed(all(0f).blend(p, inside)).intoArray(to, row + j);
        }
        to[row + targets[m]] -= 1f / logits.rows();
    }
}
