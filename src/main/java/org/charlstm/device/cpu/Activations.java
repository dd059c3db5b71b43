package org.charlstm.device.cpu;

import static org.charlstm.device.cpu.Lanes.COUNT;
import static org.charlstm.device.cpu.Lanes.all;
import static org.charlstm.device.cpu.Lanes.load;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Sigmoid and tanh on vectors. A rational function rather than {@code lanewise(TANH)}: it inlines everywhere, where
 * that one is a call into a library that not every platform has. Callers use it once in a small loop: the compiler
 * inlines no more, and vectors that cross a call are objects on the heap.
 */
final class Activations {
    /** Beyond it, tanh is 1 to within float32's rounding, and the rational function would begin to exceed 1. */
    private static final float BOUND = 7.8f;

    private Activations() {
    }

    /**
     * tanh(x) = x P(x^2) / Q(x^2), P of degree 6 and Q of degree 3, fitted by iteratively reweighted least squares to
     * a relative error of 7e-9 on [-9, 9]; in float32 the error is below 4e-7.
     */
    static FloatVector tanh(FloatVector x) {
        FloatVector bounded = x.blend(BOUND, x.compare(VectorOperators.GT, BOUND))
                .blend(-BOUND, x.compare(VectorOperators.LT, -BOUND));
        FloatVector u = bounded.mul(bounded);
        FloatVector p = u.fma(all(-8.488724484784993e-14f), all(5.2779541318205484e-11f));
        p = p.fma(u, all(-2.0225238282726043e-08f));
        p = p.fma(u, all(1.1154311515606571e-05f));
        p = p.fma(u, all(0.003103956535067864f));
        p = p.fma(u, all(0.13084010389618678f));
        p = p.fma(u, all(0.9999999933886013f));
        FloatVector q = u.fma(all(0.0002546145681398167f), all(0.0244951796809261f));
        q = q.fma(u, all(0.46417337491533495f));
        q = q.fma(u, all(1f));
        return bounded.mul(p).div(q);
    }

    /** Replaces values by their tanh; {@code count} is a multiple of the vector's length. */
    static void tanh(float[] values, int from, int count) {
        for (int j = 0; j < count; j += COUNT) {
            tanh(load(values, from + j)).intoArray(values, from + j);
        }
    }

    /** The same for sigmoid(x) = (1 + tanh(x / 2)) / 2. */
    static void sigmoid(float[] values, int from, int count) {
        for (int j = 0; j < count; j += COUNT) {
            tanh(load(values, from + j).mul(0.5f)).fma(all(0.5f), all(0.5f)).intoArray(values, from + j);
        }
    }
}
