package org.charlstm.device.cpu.tools;

import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LT;
import static org.charlstm.device.cpu.tools.Lanes.COUNT;
import static org.charlstm.device.cpu.tools.Lanes.PANEL;
import static org.charlstm.device.cpu.tools.Lanes.all;
import static org.charlstm.device.cpu.tools.Lanes.load;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/** Sigmoid and tanh over arrays, by a rational function: {@code lanewise(TANH)} needs a library that may be missing. */
public final class Activations {
    /** Beyond it, tanh is 1 to within float32's rounding, and the rational function would begin to exceed 1. */
    private static final float BOUND = 7.8f;
    private static final float P0 = 0.9999999933886013f;
    private static final float P1 = 0.13084010389618678f;
    private static final float P2 = 0.003103956535067864f;
    private static final float P3 = 1.1154311515606571e-05f;
    private static final float P4 = -2.0225238282726043e-08f;
    private static final float P5 = 5.2779541318205484e-11f;
    private static final float P6 = -8.488724484784993e-14f;
    private static final float Q1 = 0.46417337491533495f;
    private static final float Q2 = 0.0244951796809261f;
    private static final float Q3 = 0.0002546145681398167f;

    /** to = tanh(from); {@code count} is a multiple of {@link Lanes#PANEL}, and the two may be the same. */
    public static void tanh(float[] from, int fromAt, float[] to, int toAt, int count) {
        scaledTanh(from, fromAt, to, toAt, count, 1f, 1f, 0f);
    }

    /** The same for sigmoid(x) = (1 + tanh(x / 2)) / 2. */
    public static void sigmoid(float[] from, int fromAt, float[] to, int toAt, int count) {
        scaledTanh(from, fromAt, to, toAt, count, 0.5f, 0.5f, 0.5f);
    }

    /**
     * to = tanh(in from) out + shift, with tanh(x) = x P(x^2) / Q(x^2), P of degree 6 and Q of degree 3, fitted by
     * iteratively reweighted least squares to a relative error of 7e-9 on [-9, 9]; in float32 the error is below 5e-7.
     * Two vectors share one division, which costs as much as all the rest. The compiler limits the size of a piece of
     * code; beyond the limit vectors become objects on the heap. So the loop is written out, which makes it too big to
     * be inlined several times into one caller, and each constant is broadcast once.
     */
    private static void scaledTanh(float[] from, int fromAt, float[] to, int toAt, int count, float in, float out,
            float shift) {
        FloatVector high = all(BOUND);
        FloatVector low = all(-BOUND);
        FloatVector p0 = all(P0);
        FloatVector p1 = all(P1);
        FloatVector p2 = all(P2);
        FloatVector p3 = all(P3);
        FloatVector p4 = all(P4);
        FloatVector p5 = all(P5);
        FloatVector p6 = all(P6);
        FloatVector q0 = all(1f);
        FloatVector q1 = all(Q1);
        FloatVector q2 = all(Q2);
        FloatVector q3 = all(Q3);
        FloatVector outs = all(out);
        FloatVector shifts = all(shift);
        for (int j = 0; j < count; j += PANEL) {
            FloatVector x = load(from, fromAt + j).mul(in);
            FloatVector y = load(from, fromAt + j + COUNT).mul(in);
            x = x.blend(high, x.compare(GT, high));
            y = y.blend(high, y.compare(GT, high));
            x = x.blend(low, x.compare(LT, low));
            y = y.blend(low, y.compare(LT, low));
            FloatVector u = x.mul(x);
            FloatVector v = y.mul(y);
            FloatVector p = u.fma(p6, p5);
            FloatVector r = v.fma(p6, p5);
            p = p.fma(u, p4);
            r = r.fma(v, p4);
            p = p.fma(u, p3);
            r = r.fma(v, p3);
            p = p.fma(u, p2);
            r = r.fma(v, p2);
            p = p.fma(u, p1);
            r = r.fma(v, p1);
            p = p.fma(u, p0).mul(x);
            r = r.fma(v, p0).mul(y);
            FloatVector q = u.fma(q3, q2);
            FloatVector s = v.fma(q3, q2);
            q = q.fma(u, q1);
            s = s.fma(v, q1);
            q = q.fma(u, q0);
            s = s.fma(v, q0);
            FloatVector inverse = outs.div(q.mul(s));
            p.mul(s).fma(inverse, shifts).intoArray(to, toAt + j);
            r.mul(q).fma(inverse, shifts).intoArray(to, toAt + j + COUNT);
        }
    }

    /** exp on vectors: the last bits of {@code lanewise(EXP)} differ between interpreted and compiled code. */
    public static final class Exponential {
        private static final float LOG2_E = 1.44269504f;
        /** ln 2 in two parts, the first with few enough bits that its multiples are exact (Cody and Waite 1980). */
        private static final float LN2_HIGH = 0.693359375f;
        private static final float LN2_LOW = -2.12194440e-4f;
        /** Added to a float it leaves the nearest whole number in the low bits of the mantissa. */
        private static final float ROUND = 0x1.8p23f;
        private static final int EXPONENT_BIAS = 127;
        private static final int MANTISSA_BITS = 23;
        /** Below it the result is 0, above the smallest normal number. */
        private static final float LOWEST = -87f;

        private static final float P2 = 0.49999989f;
        private static final float P3 = 0.16666518f;
        private static final float P4 = 0.04166953f;
        private static final float P5 = 0.00836892f;
        private static final float P6 = 0.00137514f;

        /**
         * exp(x) = 2^k exp(r) for x from -infinity to 0. k is the whole number nearest to x / ln 2; exp(r) is a
         * polynomial of degree 6, fitted by least squares on |r| at most ln 2 / 2. The relative error is below 2e-7.
         * NaN stays NaN.
         */
        public static FloatVector exp(FloatVector x) {
            VectorMask<Float> vanishes = x.compare(VectorOperators.LT, LOWEST);
            FloatVector bounded = x.blend(LOWEST, vanishes);
            FloatVector shifted = bounded.fma(all(LOG2_E), all(ROUND));
            FloatVector k = shifted.sub(ROUND);
            FloatVector r = k.fma(all(-LN2_LOW), k.fma(all(-LN2_HIGH), bounded));
            FloatVector p = r.fma(all(P6), all(P5));
            p = p.fma(r, all(P4));
            p = p.fma(r, all(P3));
            p = p.fma(r, all(P2));
            p = p.fma(r, all(1f));
            p = p.fma(r, all(1f));
            IntVector exponent = shifted.reinterpretAsInts().sub(Float.floatToRawIntBits(ROUND) - EXPONENT_BIAS)
                    .lanewise(VectorOperators.LSHL, MANTISSA_BITS);
            return p.mul(exponent.reinterpretAsFloats()).blend(0f, vanishes);
        }
    }

    /** clip(0.2 x + 0.5, 0, 1). */
    public static final class HardSigmoid {
        /** Where it does not clip. */
        public static final float SLOPE = 0.2f;
        /** Scales every g (1 - g) that is not 0 above the slope, which the minimum then gives. */
        public static final float LARGE = 1e30f;
        private static final float MIDDLE = 0.5f;

        /** Turns sums into gates, in place. NaN stays NaN. */
        public static void apply(float[] gates, int at, int count) {
            FloatVector slope = all(SLOPE);
            FloatVector middle = all(MIDDLE);
            FloatVector zero = all(0f);
            FloatVector one = all(1f);
            for (int j = at; j < at + count; j += COUNT) {
                load(gates, j).fma(slope, middle).max(zero).min(one).intoArray(gates, j);
            }
        }

        /**
         * The slope where a gate was not clipped, else 0, with {@link #LARGE} and {@link #SLOPE}; with 1 and 1 that of
         * a sigmoid. Masks would be plainer, but with several of them the compiler puts vectors on the heap. A gate
         * that is not clipped differs from 0 and 1 by at least one rounding.
         */
        public static FloatVector slope(FloatVector gate, FloatVector one, FloatVector scale, FloatVector most) {
            return gate.mul(one.sub(gate)).mul(scale).min(most);
        }
    }
}
