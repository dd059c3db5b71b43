package org.charlstm.device.cpu;

import static org.charlstm.device.cpu.tools.Lanes.COUNT;
import static org.charlstm.device.cpu.tools.Lanes.ORIGIN;
import static org.charlstm.device.cpu.tools.Lanes.SPECIES;
import static org.charlstm.device.cpu.tools.Lanes.all;
import static org.charlstm.device.cpu.tools.Lanes.coarse;
import static org.charlstm.device.cpu.tools.Lanes.flushed;
import static org.charlstm.device.cpu.tools.Lanes.load;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import org.charlstm.device.Matrix;
import org.charlstm.device.Operations;
import org.charlstm.device.Padding;
import org.charlstm.device.cpu.tools.Activations;
import org.charlstm.device.cpu.tools.CpuMatrix;
import org.charlstm.device.cpu.tools.Workers;
import org.charlstm.device.host.Shapes;
import org.jspecify.annotations.Nullable;

/** Softmax, cross-entropy and its gradient, row by row; sums have one order. */
final class CpuCrossEntropy {
    private static final int BLOCK = 256;

    private final Workers workers;
    private final Workers.Shard runBlock = this::runBlock;
    private CpuMatrix logits = CpuMatrix.EMPTY;
    /** Null where it is not wanted. */
    private @Nullable CpuMatrix gradient;
    private int[] targets = {};
    private double count;
    /** Of each block. */
    private double[][] sums = {};
    /** A row of exponentials for each block, where there is no gradient to hold them. */
    private float[][] scratch = new float[1][];

    CpuCrossEntropy(Workers workers) {
        this.workers = workers;
    }

    void run(Matrix logitsAt, int[] targetsAt, double countAt, @Nullable Matrix gradientAt, double[] totals) {
        logits = CpuMatrix.of(logitsAt);
        gradient = gradientAt == null ? null : CpuMatrix.of(gradientAt, logits.rows(), logits.columns());
        targets = targetsAt;
        count = countAt;
        Shapes.targets(targets, logits.rows(), logits.columns());
        int blocks = Math.ceilDiv(logits.rows(), BLOCK);
        if (sums.length < blocks) {
            sums = new double[blocks][Operations.TOTALS];
        }
        if (gradient == null && (scratch.length < blocks || scratch[0] == null
                || scratch[0].length < ORIGIN + logits.stride())) {
            scratch = new float[blocks][ORIGIN + logits.stride()];
        }
        workers.run(blocks, runBlock);
        for (int block = 0; block < blocks; block++) {
            for (int i = 0; i < Operations.TOTALS; i++) {
                totals[i] += sums[block][i];
            }
        }
    }

    private void runBlock(int block) {
        int end = Math.min(logits.rows(), (block + 1) * BLOCK);
        float[] z = logits.values();
        float[] exponentials = gradient == null ? scratch[block] : gradient.values();
        double losses = 0;
        int hits = 0;
        int counted = 0;
        double real = 0;
        int characters = 0;
        for (int m = block * BLOCK; m < end; m++) {
            int row = logits.at(m);
            int to = gradient == null ? ORIGIN : gradient.at(m);
            int id = Padding.id(targets[m]);
            if (id < 0) {
                if (gradient != null) {
                    Arrays.fill(exponentials, to, to + logits.columns(), 0);
                }
                continue;
            }
            counted++;
            float max = max(z, row, logits.columns());
            float target = z[row + id];
            hits += target == max && isFirst(z, row, id) ? 1 : 0;
            // The gradient may take the logits' place: from here on the logits of this row are gone.
            exponentiate(z, row, max, exponentials, to);
            double sum = 0;
            for (int j = 0; j < logits.columns(); j++) {
                sum += exponentials[to + j];
            }
            double loss = Math.log(sum) + max - target;
            losses += loss;
            if (targets[m] >= 0) {
                real += loss;
                characters++;
            }
            if (gradient != null) {
                scale(exponentials, to, (float) (1 / (sum * count)));
                exponentials[to + id] -= 1f / (float) count;
            }
        }
        double[] of = sums[block];
        of[0] = losses;
        of[1] = hits;
        of[2] = counted;
        of[3] = real;
        of[4] = characters;
    }

    /** Whether no symbol before the target is as probable: of equals, the first is the prediction. */
    private static boolean isFirst(float[] z, int row, int target) {
        int j = 0;
        while (z[row + j] != z[row + target]) {
            j++;
        }
        return j == target;
    }

    private static float max(float[] z, int row, int symbols) {
        FloatVector max = all(Float.NEGATIVE_INFINITY);
        for (int j = 0; j < symbols; j += COUNT) {
            max = max.lanewise(VectorOperators.MAX, load(z, row + j), SPECIES.indexInRange(j, symbols));
        }
        return max.reduceLanes(VectorOperators.MAX);
    }

    /** exp(z - max); columns that pad stay zero. */
    private void exponentiate(float[] z, int row, float max, float[] to, int at) {
        for (int j = 0; j < logits.columns(); j += COUNT) {
            FloatVector e = Activations.Exponential.exp(load(z, row + j).sub(max));
            all(0f).blend(e, SPECIES.indexInRange(j, logits.columns())).intoArray(to, at + j);
        }
    }

    private void scale(float[] exponentials, int at, float scale) {
        FloatVector coarse = coarse();
        for (int j = 0; j < logits.columns(); j += COUNT) {
            flushed(load(exponentials, at + j).mul(scale), coarse).intoArray(exponentials, at + j);
        }
    }
}
