package org.charlstm.device.cpu;

import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LT;
import static org.charlstm.device.cpu.Lanes.COUNT;
import static org.charlstm.device.cpu.Lanes.all;
import static org.charlstm.device.cpu.Lanes.flushed;
import static org.charlstm.device.cpu.Lanes.load;

import jdk.incubator.vector.FloatVector;

/**
 * Gates of clip(0.2 x + 0.5, 0, 1) and the way back through them, in loops of their own: a choice within the sigmoid's
 * would be a branch, which puts vectors on the heap. Counts are multiples of the vector's length.
 */
final class HardSigmoid {
    private static final float SLOPE = 0.2f;
    private static final float MIDDLE = 0.5f;

    private HardSigmoid() {
    }

    /** In place. NaN stays NaN. */
    static void apply(float[] gates, int at, int count) {
        FloatVector slope = all(SLOPE);
        FloatVector middle = all(MIDDLE);
        FloatVector zero = all(0f);
        FloatVector one = all(1f);
        for (int j = at; j < at + count; j += COUNT) {
            FloatVector y = load(gates, j).fma(slope, middle);
            y = y.blend(zero, y.compare(LT, zero));
            y.blend(one, y.compare(GT, one)).intoArray(gates, j);
        }
    }

    /** The slope where a gate was not clipped, else 0. */
    private static FloatVector slope(FloatVector gate) {
        return all(0f).blend(SLOPE, gate.compare(GT, 0f).and(gate.compare(LT, 1f)));
    }

    /** From dL/dh to the sum of the output gate, in its place, and, added, to the cell. */
    static void throughOutput(float[] gates, int outputGate, float[] hiddenGradients, float[] tanhCells,
            float[] cellGradients, int first, int count) {
        FloatVector one = all(1f);
        for (int j = 0; j < count; j += COUNT) {
            FloatVector tanhC = load(tanhCells, first + j);
            FloatVector o = load(gates, outputGate + j);
            FloatVector dh = load(hiddenGradients, first + j);
            dh.mul(o).mul(one.sub(tanhC.mul(tanhC))).add(load(cellGradients, first + j))
                    .intoArray(cellGradients, first + j);
            flushed(dh.mul(tanhC).mul(slope(o))).intoArray(gates, outputGate + j);
        }
    }

    /** From dL/dc to the sums of the input and forget gates and the candidate and to the cell of the step before. */
    static void throughCell(float[] gates, int inputGate, int gateSize, float[] cells, int cellBefore,
            float[] cellGradients, int first, int count) {
        int forgetGate = inputGate + gateSize;
        int candidate = forgetGate + gateSize;
        FloatVector one = all(1f);
        for (int j = 0; j < count; j += COUNT) {
            FloatVector i = load(gates, inputGate + j);
            FloatVector f = load(gates, forgetGate + j);
            FloatVector g = load(gates, candidate + j);
            FloatVector dc = load(cellGradients, first + j);
            flushed(dc.mul(f)).intoArray(cellGradients, first + j);
            flushed(dc.mul(g).mul(slope(i))).intoArray(gates, inputGate + j);
            flushed(dc.mul(load(cells, cellBefore + j)).mul(slope(f))).intoArray(gates, forgetGate + j);
            flushed(dc.mul(i).mul(one.sub(g.mul(g)))).intoArray(gates, candidate + j);
        }
    }
}
