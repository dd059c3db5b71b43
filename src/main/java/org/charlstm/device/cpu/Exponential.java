package org.charlstm.device.cpu;

import static org.charlstm.device.cpu.Lanes.all;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * exp on vectors. Not {@code lanewise(EXP)}: that one gives other last bits while the code is interpreted than when it
 * is compiled, so a run would not be reproducible.
 */
final class Exponential {
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

    private Exponential() {
    }

    /**
     * exp(x) = 2^k exp(r) for x from -infinity to 0, with k the whole number nearest to x / ln 2 and a polynomial of
     * degree 6 fitted by least squares on |r| at most ln 2 / 2; the relative error is below 2e-7. NaN stays NaN.
     */
    static FloatVector exp(FloatVector x) {
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
