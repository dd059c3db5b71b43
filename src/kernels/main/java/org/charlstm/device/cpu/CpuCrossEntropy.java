package org.charlstm.device.cpu;

import static org.charlstm.device.cpu.tools.Lanes.COARSE;
import static org.charlstm.device.cpu.tools.Lanes.COUNT;
import static org.charlstm.device.cpu.tools.Lanes.ORIGIN;
import static org.charlstm.device.cpu.tools.Lanes.PANEL;
import static org.charlstm.device.cpu.tools.Lanes.SPECIES;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import org.charlstm.device.Matrix;
import org.charlstm.device.Operations;
import org.charlstm.device.Padding;
import org.charlstm.device.cpu.tools.Activations;
import org.charlstm.device.cpu.tools.CpuMatrix;
import org.charlstm.device.cpu.tools.Workers;
import org.charlstm.device.host.Shapes;
import org.jspecify.annotations.Nullable;

/** Softmax, cross-entropy and its gradient, row by row; the order of sums is fixed. */
final class CpuCrossEntropy {
    private static final int BLOCK = 256;

    private final Workers workers;
    private final Workers.Shard runBlock = this::runBlock;
    private CpuMatrix logits = CpuMatrix.EMPTY;
    /** Null if no gradient is wanted. */
    private @Nullable CpuMatrix gradient;
    private int[] targets = {};
    private double count;
    /** The totals of each block. */
    private double[][] sums = {};
    /** A row of exponentials for each block, used if there is no gradient to hold them. */
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
            add(sums[block], totals);
        }
    }

    /** Adds the totals of a part to the overall totals. */
    static void add(double[] part, double[] totals) {
        for (int i = 0; i < Operations.TOTALS; i++) {
            totals[i] += part[i];
        }
    }

    private void runBlock(int block) {
        int first = block * BLOCK;
        int rows = Math.min(BLOCK, logits.rows() - first);
        int row = logits.at(first);
        Arrays.fill(sums[block], 0);
        if (gradient == null) {
            rows(logits.values(), row, logits.stride(), PANEL, logits.columns(), targets, first, rows, 0,
                    scratch[block], ORIGIN, 0, null, sums[block]);
        } else {
            rows(logits.values(), row, logits.stride(), PANEL, logits.columns(), targets, first, rows, count,
                    gradient.values(), row, gradient.stride(), null, sums[block]);
        }
    }

    /**
     * Adds the totals of some rows, and writes the gradient of their losses divided by a count into a matrix with the
     * panels of the logits, or over the logits.
     *
     * @param z      the logits: column j of row r is at {@code at} + r {@code rowStep} + j / PANEL {@code panelStep} +
     *               j % PANEL
     * @param first  the index of the first row's target
     * @param count  0 to write exponentials only, without a gradient
     * @param to     the gradient, from {@code toAt} on
     * @param losses receives the loss of each row that counts, at the index of its target; null for none
     * @param totals added to, as {@link Operations#crossEntropy} says
     */
    static void rows(float[] z, int at, int rowStep, int panelStep, int symbols, int[] targets, int first, int rows,
            double count, float[] to, int toAt, int toRowStep, float @Nullable [] losses, double[] totals) {
        for (int r = 0; r < rows; r++) {
            int row = at + r * rowStep;
            int toRow = toAt + r * toRowStep;
            int id = Padding.id(targets[first + r]);
            if (id < 0) {
                for (int j = 0; count != 0 && j < symbols; j += COUNT) {
                    FloatVector.zero(SPECIES).intoArray(to, toRow + place(j, panelStep));
                }
                continue;
            }
            float max = max(z, row, panelStep, symbols);
            float target = z[row + place(id, panelStep)];
            totals[1] += target == max && isFirst(z, row, panelStep, id) ? 1 : 0;
            // The gradient may overwrite the logits: from here on the logits of this row may be lost.
            exponentiate(z, row, panelStep, symbols, max, to, toRow);
            double sum = sum(to, toRow, panelStep, symbols);
            double loss = Math.log(sum) + max - target;
            if (losses != null) {
                losses[first + r] = (float) loss;
            }
            totals[0] += loss;
            totals[2]++;
            if (targets[first + r] >= 0) {
                totals[3] += loss;
                totals[4]++;
            }
            if (count != 0) {
                scale(to, toRow, panelStep, symbols, (float) (1 / (sum * count)));
                to[toRow + place(id, panelStep)] -= 1f / (float) count;
            }
        }
    }

    private static int place(int column, int panel) {
        return column / PANEL * panel + column % PANEL;
    }

    /** Whether no symbol before the target is equally probable: the prediction is the first of equals. */
    private static boolean isFirst(float[] z, int row, int panel, int target) {
        int j = 0;
        while (z[row + place(j, panel)] != z[row + place(target, panel)]) {
            j++;
        }
        return j == target;
    }

    /** Only the last, partial vector uses a mask, because a mask takes several instructions to make. */
    private static float max(float[] z, int row, int panel, int symbols) {
        FloatVector max = FloatVector.broadcast(SPECIES, Float.NEGATIVE_INFINITY);
        int j = 0;
        for (; j + COUNT <= symbols; j += COUNT) {
            FloatVector next = FloatVector.fromArray(SPECIES, z, row + place(j, panel));
            max = max.lanewise(VectorOperators.MAX, next);
        }
        if (j < symbols) {
            FloatVector next = FloatVector.fromArray(SPECIES, z, row + place(j, panel));
            max = max.lanewise(VectorOperators.MAX, next, SPECIES.indexInRange(j, symbols));
        }
        return max.reduceLanes(VectorOperators.MAX);
    }

    /** exp(z - max); padding columns become zero. */
    private static void exponentiate(float[] z, int row, int panel, int symbols, float max, float[] to, int at) {
        int j = 0;
        for (; j + COUNT <= symbols; j += COUNT) {
            FloatVector x = FloatVector.fromArray(SPECIES, z, row + place(j, panel)).sub(max);
            Activations.Exponential.exp(x).intoArray(to, at + place(j, panel));
        }
        if (j < symbols) {
            FloatVector x = FloatVector.fromArray(SPECIES, z, row + place(j, panel)).sub(max);
            VectorMask<Float> inside = SPECIES.indexInRange(j, symbols);
            FloatVector.zero(SPECIES).blend(Activations.Exponential.exp(x), inside)
                    .intoArray(to, at + place(j, panel));
        }
    }

    /** Sums in double and in a fixed order; four sums, because a single sum would wait for each addition. */
    private static double sum(float[] values, int at, int panel, int symbols) {
        double sum0 = 0;
        double sum1 = 0;
        double sum2 = 0;
        double sum3 = 0;
        for (int from = 0; from < symbols; from += COUNT) {
            int of = at + place(from, panel);
            for (int j = of; j < of + COUNT; j += 4) {
                sum0 += values[j];
                sum1 += values[j + 1];
                sum2 += values[j + 2];
                sum3 += values[j + 3];
            }
        }
        return sum0 + sum1 + (sum2 + sum3);
    }

    private static void scale(float[] exponentials, int at, int panel, int symbols, float scale) {
        FloatVector coarse = FloatVector.broadcast(SPECIES, COARSE);
        for (int j = 0; j < symbols; j += COUNT) {
            int place = at + place(j, panel);
            FloatVector.fromArray(SPECIES, exponentials, place).mul(scale).add(coarse).sub(coarse)
                    .intoArray(exponentials, place);
        }
    }
}
