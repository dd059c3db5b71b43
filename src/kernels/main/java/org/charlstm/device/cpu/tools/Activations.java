package org.charlstm.device.cpu.tools;

import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LT;
import static org.charlstm.device.cpu.tools.Lanes.COUNT;
import static org.charlstm.device.cpu.tools.Lanes.PANEL;
import static org.charlstm.device.cpu.tools.Lanes.SPECIES;
import static org.charlstm.device.cpu.tools.Lanes.all;
import static org.charlstm.device.cpu.tools.Lanes.load;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/** Sigmoid and tanh over arrays by a rational function; {@code lanewise(TANH)} needs a library that may be missing. */
public final class Activations {
    /** Beyond this bound, tanh rounds to 1 in float32, and the rational function would exceed 1. */
    public static final float BOUND = 7.8f;
    public static final float P0 = 0.999999882840517f;
    public static final float P1 = 0.12943118373218646f;
    public static final float P2 = 0.0029698915776831905f;
    public static final float P3 = 1.1635744608295708e-05f;
    public static final float Q1 = 0.4627635535152419f;
    public static final float Q2 = 0.023892408348135857f;
    public static final float Q3 = 0.00024135495732959742f;
    public static final float Q4 = 2.5262441609072477e-07f;

    /** to = tanh(from); {@code count} is a multiple of {@link Lanes#PANEL}. Both arrays may be the same. */
    public static void tanh(float[] from, int fromAt, float[] to, int toAt, int count) {
        scaledTanh(from, fromAt, to, toAt, count, 1f, 1f, 0f);
    }

    /** to = sigmoid(from) = (1 + tanh(from / 2)) / 2, with the same conditions. */
    public static void sigmoid(float[] from, int fromAt, float[] to, int toAt, int count) {
        scaledTanh(from, fromAt, to, toAt, count, 0.5f, 0.5f, 0.5f);
    }

    /**
     * to = tanh(in from) out + shift, where tanh(x) = x P(x^2) / Q(x^2). P has degree 3 and Q degree 4, fitted by
     * iteratively reweighted least squares to a relative error of 1.2e-7 up to the bound; the error in float32 is below
     * 6e-7. Two vectors share a division, which costs as much as all the rest. The compiler limits the size of a
     * method; beyond the limit, vectors become objects on the heap. Therefore the loop is written out, too big to be
     * inlined several times into one caller, and each constant is broadcast once.
     */
    private static void scaledTanh(float[] from, int fromAt, float[] to, int toAt, int count, float in, float out,
            float shift) {
        FloatVector high = all(BOUND);
        FloatVector low = all(-BOUND);
        FloatVector p0 = all(P0);
        FloatVector p1 = all(P1);
        FloatVector p2 = all(P2);
        FloatVector p3 = all(P3);
        FloatVector q0 = all(1f);
        FloatVector q1 = all(Q1);
        FloatVector q2 = all(Q2);
        FloatVector q3 = all(Q3);
        FloatVector q4 = all(Q4);
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
            FloatVector p = u.fma(p3, p2);
            FloatVector r = v.fma(p3, p2);
            p = p.fma(u, p1);
            r = r.fma(v, p1);
            p = p.fma(u, p0).mul(x);
            r = r.fma(v, p0).mul(y);
            FloatVector q = u.fma(q4, q3);
            FloatVector s = v.fma(q4, q3);
            q = q.fma(u, q2);
            s = s.fma(v, q2);
            q = q.fma(u, q1);
            s = s.fma(v, q1);
            q = q.fma(u, q0);
            s = s.fma(v, q0);
            FloatVector inverse = outs.div(q.mul(s));
            p.mul(s).fma(inverse, shifts).intoArray(to, toAt + j);
            r.mul(q).fma(inverse, shifts).intoArray(to, toAt + j + COUNT);
        }
    }

    /** tanh of one vector, by the same function. */
    public static FloatVector tanh(FloatVector of) {
        FloatVector high = FloatVector.broadcast(SPECIES, BOUND);
        FloatVector low = FloatVector.broadcast(SPECIES, -BOUND);
        FloatVector x = of.blend(high, of.compare(GT, high));
        x = x.blend(low, x.compare(LT, low));
        FloatVector u = x.mul(x);
        FloatVector p = u.fma(FloatVector.broadcast(SPECIES, P3), FloatVector.broadcast(SPECIES, P2));
        p = p.fma(u, FloatVector.broadcast(SPECIES, P1)).fma(u, FloatVector.broadcast(SPECIES, P0)).mul(x);
        FloatVector q = u.fma(FloatVector.broadcast(SPECIES, Q4), FloatVector.broadcast(SPECIES, Q3));
        q = q.fma(u, FloatVector.broadcast(SPECIES, Q2)).fma(u, FloatVector.broadcast(SPECIES, Q1));
        return p.div(q.fma(u, FloatVector.broadcast(SPECIES, 1f)));
    }

    /** exp on vectors: the last bits of {@code lanewise(EXP)} differ between interpreted and compiled code. */
    public static final class Exponential {
        private static final float LOG2_E = 1.44269504f;
        /** ln 2 in two parts, the first with few enough bits that its multiples are exact (Cody and Waite 1980). */
        private static final float LN2_HIGH = 0.693359375f;
        private static final float LN2_LOW = -2.12194440e-4f;
        /** Adding this number to a float leaves the nearest integer in the low bits of the mantissa. */
        private static final float ROUND = 0x1.8p23f;
        private static final int EXPONENT_BIAS = 127;
        private static final int MANTISSA_BITS = 23;
        /** Arguments below this number give 0; the result at this number is still a normal number. */
        private static final float LOWEST = -87f;

        public static final float P2 = 0.49999989f;
        public static final float P3 = 0.16666518f;
        public static final float P4 = 0.04166953f;
        public static final float P5 = 0.00836892f;
        public static final float P6 = 0.00137514f;

        /**
         * exp(x) = 2^k exp(r) for x from -infinity to 0. k is the integer nearest to x / ln 2; exp(r) is a polynomial
         * of degree 6, fitted by least squares on |r| at most ln 2 / 2. The relative error is below 2e-7. NaN stays
         * NaN.
         */
        public static FloatVector exp(FloatVector x) {
            VectorMask<Float> vanishes = x.compare(VectorOperators.LT, LOWEST);
            FloatVector bounded = x.blend(LOWEST, vanishes);
            FloatVector shifted =
                    bounded.fma(FloatVector.broadcast(SPECIES, LOG2_E), FloatVector.broadcast(SPECIES, ROUND));
            FloatVector k = shifted.sub(ROUND);
            FloatVector r = k.fma(FloatVector.broadcast(SPECIES, -LN2_LOW),
                    k.fma(FloatVector.broadcast(SPECIES, -LN2_HIGH), bounded));
            FloatVector p = r.fma(FloatVector.broadcast(SPECIES, P6), FloatVector.broadcast(SPECIES, P5));
            p = p.fma(r, FloatVector.broadcast(SPECIES, P4));
            p = p.fma(r, FloatVector.broadcast(SPECIES, P3));
            p = p.fma(r, FloatVector.broadcast(SPECIES, P2));
            p = p.fma(r, FloatVector.broadcast(SPECIES, 1f));
            p = p.fma(r, FloatVector.broadcast(SPECIES, 1f));
            IntVector exponent = shifted.reinterpretAsInts().sub(Float.floatToRawIntBits(ROUND) - EXPONENT_BIAS)
                    .lanewise(VectorOperators.LSHL, MANTISSA_BITS);
            return p.mul(exponent.reinterpretAsFloats()).blend(0f, vanishes);
        }
    }

    /** clip(0.2 x + 0.5, 0, 1). */
    public static final class HardSigmoid {
        /** The slope where the function does not clip. */
        public static final float SLOPE = 0.2f;
        /** Scales every nonzero g (1 - g) above the slope; the minimum then returns the slope. */
        public static final float LARGE = 1e30f;
        private static final float MIDDLE = 0.5f;

        /** Turns sums into gates, optionally in place. NaN stays NaN. */
        public static void apply(float[] sums, int from, float[] gates, int at, int count) {
            FloatVector slope = all(SLOPE);
            FloatVector middle = all(MIDDLE);
            FloatVector zero = all(0f);
            FloatVector one = all(1f);
            for (int j = 0; j < count; j += COUNT) {
                load(sums, from + j).fma(slope, middle).max(zero).min(one).intoArray(gates, at + j);
            }
        }

        /**
         * With {@link #LARGE} and {@link #SLOPE}, the slope if a gate was not clipped, else 0; with 1 and 1, the slope
         * of a sigmoid. Masks would be simpler, but with several masks the compiler puts vectors on the heap. An
         * unclipped gate differs from 0 and 1 by at least one rounding.
         */
        public static FloatVector slope(FloatVector gate, FloatVector one, FloatVector scale, FloatVector most) {
            return gate.mul(one.sub(gate)).mul(scale).min(most);
        }
    }
}
