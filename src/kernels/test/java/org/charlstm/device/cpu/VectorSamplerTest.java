package org.charlstm.device.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.junit.jupiter.api.Test;

class VectorSamplerTest {
    private static double[] exponentials(double temperature, float... logits) {
        double[] values = new double[logits.length];
        float[] row = Arrays.copyOf(logits, logits.length + 64);
        float highest = new VectorSampler().highest(row, 0, logits.length);
        double sum = new VectorSampler().exponentiate(row, 0, logits.length, highest, temperature, values);
        assertEquals(DoubleStream.of(values).sum(), sum, 1e-14 * sum);
        return values;
    }

    @Test
    void exponentialsAreJavasButForARounding() {
        float[] z = new float[70_003];
        for (int i = 0; i < z.length; i++) {
            z[i] = 5 - i / 128f;
        }
        double[] y = exponentials(0.7, z);
        for (int i = 0; i < z.length; i++) {
            double exact = Math.exp(((double) z[i] - 5) / 0.7);
            double tolerance = exact < 1e-300 ? 1e-300 : 2 * Math.ulp(exact);
            assertTrue(Math.abs(y[i] - exact) <= tolerance, "exp of " + z[i] + " is " + exact + ", not " + y[i]);
        }
    }

    @Test
    void theEndsAreExact() {
        double[] y = exponentials(1, 3, Float.NEGATIVE_INFINITY, -1e30f, -706, 3);
        assertEquals(1, y[0]);
        assertEquals(0, y[1]);
        assertEquals(0, y[2]);
        assertEquals(0, y[3]);
        assertEquals(1, y[4]);
    }

    /** Whether it is among whole vectors or behind them. */
    @Test
    void oneLogitThatIsNanMakesTheHighestNan() {
        for (int at = 0; at < 19; at++) {
            float[] row = new float[64];
            row[at] = Float.NaN;
            assertTrue(Float.isNaN(new VectorSampler().highest(row, 0, 19)), "NaN at " + at);
            row[at] = 2;
            assertEquals(2, new VectorSampler().highest(row, 0, 19), "2 at " + at);
        }
    }
}
