package org.charlstm.device.cpu;

import static jdk.incubator.vector.VectorOperators.F2D;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LT;
import static jdk.incubator.vector.VectorOperators.MAX;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;
import org.charlstm.device.host.LogitSampler;

/** Draws with vectorised exponentials in double: the same symbols as the base class, except for rounding. */
final class VectorSampler extends LogitSampler {
    private static final VectorSpecies<Double> SPECIES = DoubleVector.SPECIES_PREFERRED;
    private static final int LANES = SPECIES.length();
    /** Vectors of floats with the same number of lanes as vectors of doubles. */
    private static final VectorSpecies<Float> FLOATS =
            VectorSpecies.of(float.class, VectorShape.forBitSize(LANES * Float.SIZE));
    private static final double LOG2_E = 1 / Math.log(2);
    /** ln 2 in two parts, the first with few enough bits that its multiples are exact (Cody and Waite 1980). */
    private static final double LN2_HIGH = 0x1.62e42feep-1;
    private static final double LN2_LOW = 0x1.a39ef35793c76p-33;
    /** Adding this number to a double leaves the nearest integer in the low bits of the mantissa. */
    private static final double ROUND = 0x1.8p52;
    private static final int EXPONENT_BIAS = 1023;
    private static final int MANTISSA_BITS = 52;
    /** Arguments below this number give 0; the result at this number is still a normal number. */
    private static final double LOWEST = -708;
    /** 1 / k! from k = 12 down: the remainder of the Taylor series is below 2^-52 for |r| at most ln 2 / 2. */
    private static final double[] TAYLOR = {1 / 479001600., 1 / 39916800., 1 / 3628800., 1 / 362880., 1 / 40320.,
        1 / 5040., 1 / 720., 1 / 120., 1 / 24., 1 / 6., 1 / 2., 1, 1};

    private final double[] sums = new double[LANES];

    @Override
    protected float highest(float[] z, int row, int symbols) {
        FloatVector highest = FloatVector.broadcast(FLOATS, Float.NEGATIVE_INFINITY);
        int j = 0;
        for (; j + LANES <= symbols; j += LANES) {
            highest = highest.max(FloatVector.fromArray(FLOATS, z, row + j));
        }
        float most = highest.reduceLanes(MAX);
        for (; j < symbols; j++) {
            most = Math.max(most, z[row + j]);
        }
        return most;
    }

    /** exp(x) = 2^k exp(r), where k is the integer nearest to x / ln 2, as in {@code Activations} for floats. */
    @Override
    protected double exponentiate(float[] z, int row, int symbols, float highest, double temperature, double[] to) {
        DoubleVector sum = DoubleVector.zero(SPECIES);
        DoubleVector most = DoubleVector.broadcast(SPECIES, highest);
        for (int j = 0; j < symbols; j += LANES) {
            VectorMask<Float> inside = FLOATS.indexInRange(j, symbols);
            FloatVector logits = FloatVector.fromArray(FLOATS, z, row + j, inside);
            DoubleVector x = ((DoubleVector) logits.convertShape(F2D, SPECIES, 0)).sub(most).div(temperature);
            VectorMask<Double> vanishes = x.compare(LT, LOWEST);
            x = x.blend(LOWEST, vanishes);
            DoubleVector shifted = x.mul(LOG2_E).add(ROUND);
            DoubleVector k = shifted.sub(ROUND);
            DoubleVector r = k.fma(DoubleVector.broadcast(SPECIES, -LN2_LOW),
                    k.fma(DoubleVector.broadcast(SPECIES, -LN2_HIGH), x));
            DoubleVector p = DoubleVector.broadcast(SPECIES, TAYLOR[0]);
            for (int i = 1; i < TAYLOR.length; i++) {
                p = p.fma(r, DoubleVector.broadcast(SPECIES, TAYLOR[i]));
            }
            LongVector exponent = shifted.reinterpretAsLongs().sub(Double.doubleToRawLongBits(ROUND) - EXPONENT_BIAS)
                    .lanewise(LSHL, MANTISSA_BITS);
            p = p.mul(exponent.reinterpretAsDoubles()).blend(0, vanishes);
            p = DoubleVector.zero(SPECIES).blend(p, inside.cast(SPECIES));
            sum = sum.add(p);
            p.intoArray(to, j, inside.cast(SPECIES));
        }
        // Summed lane by lane, because the order in which a vector reduces its lanes is unspecified.
        sum.intoArray(sums, 0);
        double all = 0;
        for (double each : sums) {
            all += each;
        }
        return all;
    }
}
