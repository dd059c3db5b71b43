package org.charlstm.device.cpu.tools;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import jdk.incubator.vector.FloatVector;
import module java.base;
import org.charlstm.device.Activation;
import org.charlstm.device.Device;
import org.charlstm.device.DeviceOptions;
import org.charlstm.device.Devices;
import org.charlstm.device.Matrix;
import org.charlstm.device.RecurrentCell;
import org.charlstm.device.Rnn;
import org.charlstm.device.Rnn.Input;
import org.charlstm.device.Rnn.InputShape;
import org.charlstm.device.WeightLayout;
import org.charlstm.selftest.TrialMemory;
import org.junit.jupiter.api.Test;

/** The approximations of tanh, sigmoid and exp against Java's, over all that they may be given. */
class FunctionsTest {
    private static final int POINTS = 200_000;

    private static float[] apply(UnaryOperator<FloatVector> function, float... x) {
        float[] padded = Arrays.copyOf(x, Math.ceilDiv(x.length, Lanes.COUNT) * Lanes.COUNT);
        for (int i = 0; i < padded.length; i += Lanes.COUNT) {
            function.apply(Lanes.load(padded, i)).intoArray(padded, i);
        }
        return Arrays.copyOf(padded, x.length);
    }

    private static float[] tanh(float... x) {
        float[] padded = Arrays.copyOf(x, Lanes.padded(x.length));
        Activations.tanh(padded, 0, padded, 0, padded.length);
        return Arrays.copyOf(padded, x.length);
    }

    private static float[] points(double from, double to) {
        float[] x = new float[POINTS];
        for (int i = 0; i < POINTS; i++) {
            x[i] = (float) (from + (to - from) * i / (POINTS - 1));
        }
        return x;
    }

    private static void requireRelative(float[] y, DoubleUnaryOperator exact, float[] x, double tolerance) {
        for (int i = 0; i < x.length; i++) {
            double expected = exact.applyAsDouble(x[i]);
            assertTrue(Math.abs(y[i] - expected) <= tolerance * Math.abs(expected),
                    "at " + x[i] + ": " + y[i] + ", not " + expected);
        }
    }

    @Test
    void tanh() {
        requireRelative(tanh(points(-12, 12)), Math::tanh, points(-12, 12), 6e-7);
        requireRelative(tanh(points(-1e-3, 1e-3)), Math::tanh, points(-1e-3, 1e-3), 6e-7);
        requireRelative(apply(Activations::tanh, points(-12, 12)), Math::tanh, points(-12, 12), 6e-7);
        float[] ends = tanh(Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, 1e30f);
        assertEquals(1, ends[0], 6e-7);
        assertEquals(-1, ends[1], 6e-7);
        assertEquals(1, ends[2], 6e-7);
        assertTrue(Float.isNaN(tanh(Float.NaN)[0]));
        for (float y : tanh(points(7, 9))) {
            assertTrue(y <= 1, "tanh exceeds 1: " + y);
        }
    }

    @Test
    void sigmoid() {
        float[] x = points(-30, 30);
        float[] y = x.clone();
        Activations.sigmoid(y, 0, y, 0, POINTS);
        for (int i = 0; i < POINTS; i++) {
            assertEquals(1 / (1 + Math.exp(-x[i])), y[i], 3e-7);
            assertTrue(y[i] >= 0 && y[i] <= 1);
        }
    }

    @Test
    void hardSigmoid() {
        float[] x = points(-5, 5);
        float[] y = x.clone();
        Activations.HardSigmoid.apply(x, 0, y, 0, POINTS);
        for (int i = 0; i < POINTS; i++) {
            assertEquals(Math.clamp(0.2 * x[i] + 0.5, 0, 1), y[i], 1e-7);
        }
        float[] ends = new float[Lanes.COUNT];
        ends[0] = Float.POSITIVE_INFINITY;
        ends[1] = Float.NEGATIVE_INFINITY;
        ends[2] = Float.NaN;
        Activations.HardSigmoid.apply(ends, 0, ends, 0, ends.length);
        assertEquals(1, ends[0]);
        assertEquals(0, ends[1]);
        assertTrue(Float.isNaN(ends[2]));
    }

    @Test
    void exp() {
        requireRelative(apply(Activations.Exponential::exp, points(-87, 0)), Math::exp, points(-87, 0), 2.5e-7);
        requireRelative(apply(Activations.Exponential::exp, points(-1, 0)), Math::exp, points(-1, 0), 2.5e-7);
        float[] ends = apply(Activations.Exponential::exp, Float.NaN, Float.NEGATIVE_INFINITY, -1e30f, -88, 0);
        assertTrue(Float.isNaN(ends[0]));
        assertEquals(0, ends[1]);
        assertEquals(0, ends[2]);
        assertEquals(0, ends[3]);
        assertEquals(1, ends[4]);
    }

    @Test
    void flushingDropsOnlyWhatIsAsGoodAsZero() {
        float[] y = apply(x -> Lanes.flushed(x, Lanes.coarse()), 1e-30f, -1e-38f, Float.MIN_VALUE, 1e-10f, -3f, 0f,
                Float.NaN);
        assertEquals(0, y[0]);
        assertEquals(0, y[1]);
        assertEquals(0, y[2]);
        assertEquals(1e-10f, y[3], 1e-17f);
        assertEquals(-3f, y[4]);
        assertEquals(0f, y[5]);
        assertTrue(Float.isNaN(y[6]));
    }

    /** A ReLU that gives what is made zero has no slope, rather than a share of one. */
    @Test
    void aReluThatIsAsGoodAsZeroPassesNothingBack() {
        Rnn.Shape shape = new Rnn.Shape(new Rnn.Layers(InputShape.ofMatrix(1), 2, 1,
                new RecurrentCell.Elman(Activation.RELU)), 1, 1, true);
        try (Device device = Devices.open("cpu", new DeviceOptions(1)); TrialMemory scope = new TrialMemory(device)) {
            WeightLayout layout = scope.operations().rnnLayout(shape.layers());
            Matrix weights = scope.flat(layout, 0, List.of(new double[2], new double[4], new double[] {1e-35, 1}));
            Matrix gradients = scope.flat(new double[layout.size()]);
            Matrix output = scope.matrix(1, 2);
            Input input = new Input.Dense(scope.matrix(1, 1));
            Rnn rnn = scope.operations().rnn(scope.memory(), shape, 0);
            rnn.forward(weights, input, null, output);
            rnn.backward(weights, input, output, scope.matrix(1, 2, new double[] {1, 1}), scope.matrix(1, 1),
                    gradients);
            assertArrayEquals(new double[] {0, 1}, output.read());
            assertArrayEquals(new double[] {0, 1}, layout.unpack(gradients.read(), 0)[2]);
        }
    }
}
