package org.charlstm.device.cpu;

import static org.charlstm.device.cpu.Lanes.COUNT;
import static org.charlstm.device.cpu.Lanes.all;
import static org.charlstm.device.cpu.Lanes.load;

import jdk.incubator.vector.FloatVector;

/** clip(0.2 x + 0.5, 0, 1). */
final class HardSigmoid {
    /** Where it does not clip. */
    static final float SLOPE = 0.2f;
    /** Scales every g (1 - g) that is not 0 above the slope, which the minimum then gives. */
    static final float LARGE = 1e30f;
    private static final float MIDDLE = 0.5f;

    private HardSigmoid() {
    }

    /** Turns sums into gates, in place. NaN stays NaN. */
    static void apply(float[] gates, int at, int count) {
        FloatVector slope = all(SLOPE);
        FloatVector middle = all(MIDDLE);
        FloatVector zero = all(0f);
        FloatVector one = all(1f);
        for (int j = at; j < at + count; j += COUNT) {
            load(gates, j).fma(slope, middle).max(zero).min(one).intoArray(gates, j);
        }
    }

    /**
     * The slope where a gate was not clipped, else 0. Masks would be plainer, but with several of them the compiler
     * puts vectors on the heap. A gate that is not clipped differs from 0 and 1 by at least one rounding.
     *
     * @param scale {@link #LARGE}, or 1 for the slope of a sigmoid
     * @param most  {@link #SLOPE}, or 1 for a sigmoid
     */
    static FloatVector slope(FloatVector gate, FloatVector one, FloatVector scale, FloatVector most) {
        return gate.mul(one.sub(gate)).mul(scale).min(most);
    }
}
