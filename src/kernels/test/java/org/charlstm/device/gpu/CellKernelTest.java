package org.charlstm.device.gpu;

import static org.charlstm.selftest.TrialMemory.random;
import static org.charlstm.selftest.TrialMemory.randomIds;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.charlstm.Agreement;
import org.charlstm.device.gpu.tools.Kernel;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The kernels of a GRU's and of a plain layer's step, unit by unit against their formulas. */
@Tag("long")
@EveryOrder
@Needs(Need.GPU)
class CellKernelTest {
    private static final int V = 7;
    private static final int RELU = 1;
    private static final int TANH = 2;

    private static double gate(boolean hard, double z) {
        return !hard ? 0.5 + 0.5 * Math.tanh(z / 2) : z <= -2.5 ? 0 : z >= 2.5 ? 1 : 0.2 * z + 0.5;
    }

    private static double slope(boolean hard, double gate) {
        return !hard ? gate * (1 - gate) : gate == 0 || gate == 1 ? 0 : 0.2;
    }

    private static int flag(boolean set) {
        return set ? 1 : 0;
    }

    /** Of results; bf16 rounds them to 8 bits. */
    private static double tolerance(boolean bf16) {
        return bf16 ? 1 / 256.0 : 1e-6;
    }

    /** Values that bf16 can hold. */
    private static double[] coarse(int seed, int count) {
        return Arrays.stream(random(seed, count, 1)).map(value -> Math.rint(64 * value) / 64).toArray();
    }

    /** The gates z, r, h~ of a step, and u_h, from random sums; gates' sums are clipped at both ends where hard. */
    private static final class GruStep {
        final double[] input;
        final double[] recurrent;
        final double[] bias;
        final double[] before;
        final int[] ids;
        final double[] gates;
        final double[] scaled;
        final double[] hidden;

        GruStep(int batch, int units, boolean fromIds, boolean first, boolean hard, boolean after) {
            int n = batch * units;
            int width = 3 * units;
            input = random(1, (fromIds ? V : batch) * width, 4);
            recurrent = random(2, 3 * n, 2);
            bias = random(3, (after ? 2 : 1) * width, 1);
            before = first ? new double[n] : coarse(4, n);
            ids = randomIds(5, batch, V);
            // As a draw from what is no number gives it.
            ids[batch - 1] = -1;
            gates = new double[3 * n];
            scaled = new double[n];
            hidden = new double[n];
            for (int i = 0; i < n; i++) {
                int b = i / units;
                double[] a = new double[3];
                double[] u = new double[3];
                for (int g = 0; g < 3; g++) {
                    int column = g * units + i % units;
                    int row = fromIds ? ids[b] : b;
                    a[g] = bias[column] + (row < 0 ? 0 : input[row * width + column]);
                    u[g] = (after ? bias[width + column] : 0) + (first ? 0 : recurrent[b * width + column]);
                }
                double z = gate(hard, a[0] + u[0]);
                double r = gate(hard, a[1] + u[1]);
                double candidate = Math.tanh(a[2] + (after ? r : 1) * u[2]);
                int at = b * width + i % units;
                gates[at] = z;
                gates[at + units] = r;
                gates[at + 2 * units] = candidate;
                scaled[i] = u[2];
                hidden[i] = z * before[i] + (1 - z) * candidate;
            }
        }
    }

    /** From ids and from sums; from zeros and from what was before; with gates, in the input's place, and without. */
    @ParameterizedTest
    @CsvSource({"1,1,true,true,true,true,false", "3,37,true,false,true,true,true", "37,3,false,true,true,false,false",
        "5,129,false,false,true,false,true", "16,64,true,false,false,true,false", "1,1,false,true,false,false,true",
        "3,37,true,false,false,false,false", "5,129,false,false,false,true,true"})
    void gruForward(int batch, int units, boolean fromIds, boolean first, boolean hard, boolean after, boolean bf16) {
        GruStep step = new GruStep(batch, units, fromIds, first, hard, after);
        int n = batch * units;
        try (Gpu gpu = Gpu.open()) {
            long given = gpu.floats(step.input);
            long h = gpu.fresh((bf16 ? 2L : 4L) * n);
            long kept = gpu.fresh(12L * n);
            long scaled = gpu.fresh(4L * n);
            long sums = first ? 0 : gpu.floats(step.recurrent);
            long rows = fromIds ? gpu.ints(step.ids) : 0;
            long before = first ? 0 : gpu.numbers(bf16, step.before);
            gpu.each(Kernel.GRU_FORWARD, n, given, rows, sums, gpu.floats(step.bias), before, kept,
                    after ? scaled : 0L, h, batch, units, flag(hard), flag(after), flag(bf16));
            Agreement.require("gates", step.gates, gpu.readFloats(kept, 3 * n), 1e-6);
            Agreement.require("hidden", step.hidden, gpu.readNumbers(bf16, h, n), tolerance(bf16));
            if (after) {
                Agreement.require("scaled", step.scaled, gpu.readFloats(scaled, n), 1e-6);
            }
            if (!first && !after) {
                long reset = gpu.fresh((bf16 ? 2L : 4L) * n);
                gpu.each(Kernel.GRU_RESET, n, given, rows, sums, gpu.floats(step.bias), before, reset, batch, units,
                        flag(hard), flag(bf16));
                double[] expected = new double[n];
                Arrays.setAll(expected,
                        i -> step.before[i] * step.gates[i / units * 3 * units + units + i % units]);
                Agreement.require("reset", expected, gpu.readNumbers(bf16, reset, n), tolerance(bf16));
            }
            gpu.each(Kernel.GRU_FORWARD, n, given, rows, sums, gpu.floats(step.bias), before, fromIds ? 0L : given,
                    0L, h, batch, units, flag(hard), flag(after), flag(bf16));
            Agreement.require("hidden again", step.hidden, gpu.readNumbers(bf16, h, n), tolerance(bf16));
            if (!fromIds) {
                Agreement.require("gates in place", step.gates, gpu.readFloats(given, 3 * n), 1e-6);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"1,1,true,true,true,true,false", "3,37,false,true,true,false,true", "37,3,true,false,true,true,true",
        "5,129,false,false,false,true,false", "16,64,false,false,true,false,false", "5,129,true,true,false,false,true"})
    void gruBackward(int batch, int units, boolean first, boolean last, boolean hard, boolean after, boolean bf16) {
        GruStep step = new GruStep(batch, units, false, first, hard, after);
        int n = batch * units;
        double[] dy = coarse(6, n);
        double[] dh = random(7, n, 1);
        double[] p = random(8, n, 1);
        double[] ofInput = new double[3 * n];
        double[] ofRecurrence = new double[3 * n];
        double[] passed = new double[n];
        double[] passedOn = new double[n];
        for (int i = 0; i < n; i++) {
            int at = i / units * 3 * units + i % units;
            double z = step.gates[at];
            double r = step.gates[at + units];
            double candidate = step.gates[at + 2 * units];
            double here = dy[i] + (last ? 0 : dh[i]);
            double dc = here * (1 - z) * (1 - candidate * candidate);
            ofInput[at] = here * (step.before[i] - candidate) * slope(hard, z);
            ofInput[at + units] = slope(hard, r) * (after ? dc * step.scaled[i] : p[i] * step.before[i]);
            ofInput[at + 2 * units] = dc;
            ofRecurrence[at] = ofInput[at];
            ofRecurrence[at + units] = ofInput[at + units];
            ofRecurrence[at + 2 * units] = dc * r;
            passed[i] = here * z;
            passedOn[i] = here * z + p[i] * r;
        }
        try (Gpu gpu = Gpu.open()) {
            long hiddenGradient = last ? gpu.fresh(4L * n) : gpu.floats(dh);
            long inputGradients = gpu.fresh((bf16 ? 6L : 12L) * n);
            long recurrentGradients = after ? gpu.fresh((bf16 ? 6L : 12L) * n) : 0;
            long gates = gpu.floats(step.gates);
            long before = first ? 0L : gpu.numbers(bf16, step.before);
            gpu.each(Kernel.GRU_BACKWARD, n, gates, after ? gpu.floats(step.scaled) : 0L, before,
                    gpu.numbers(bf16, dy), hiddenGradient, inputGradients, recurrentGradients, batch, units,
                    flag(hard), flag(last), flag(bf16));
            Agreement.require("passed to the step before", passed, gpu.readFloats(hiddenGradient, n), 1e-6);
            if (after) {
                Agreement.require("recurrent sums' gradients", ofRecurrence,
                        gpu.readNumbers(bf16, recurrentGradients, 3 * n), tolerance(bf16));
            } else {
                gpu.each(Kernel.GRU_RESET_BACKWARD, n, gates, before, gpu.floats(p), hiddenGradient, inputGradients,
                        batch, units, flag(hard), flag(bf16));
                Agreement.require("passed to the step before", passedOn, gpu.readFloats(hiddenGradient, n), 1e-6);
            }
            Agreement.require("input sums' gradients", ofInput, gpu.readNumbers(bf16, inputGradients, 3 * n),
                    tolerance(bf16));
        }
    }

    @ParameterizedTest
    @CsvSource({"1,1,true,true,1,false", "3,37,true,false,2,true", "37,3,false,true,2,false",
        "5,129,false,false,1,true",
        "16,64,true,false,1,false", "5,129,false,false,2,false"})
    void rnnForwardAndBackward(int batch, int units, boolean fromIds, boolean first, int activation, boolean bf16) {
        int n = batch * units;
        double[] input = random(1, (fromIds ? V : batch) * units, 2);
        double[] recurrent = random(2, n, 1);
        double[] bias = random(3, units, 1);
        int[] ids = randomIds(5, batch, V);
        ids[batch - 1] = -1;
        double[] dy = coarse(6, n);
        double[] dh = random(7, n, 1);
        double[] hidden = new double[n];
        double[] gradients = new double[n];
        for (int i = 0; i < n; i++) {
            int row = fromIds ? ids[i / units] : i / units;
            double z = bias[i % units] + (row < 0 ? 0 : input[row * units + i % units]) + (first ? 0 : recurrent[i]);
            hidden[i] = activation == RELU ? Math.max(0, z) : Math.tanh(z);
            double slope = activation == TANH ? 1 - hidden[i] * hidden[i] : z > 0 ? 1 : 0;
            gradients[i] = (dy[i] + (first ? 0 : dh[i])) * slope;
        }
        try (Gpu gpu = Gpu.open()) {
            long given = gpu.floats(input);
            long kept = gpu.fresh(4L * n);
            long h = gpu.fresh((bf16 ? 2L : 4L) * n);
            long sums = first ? 0 : gpu.floats(recurrent);
            long rows = fromIds ? gpu.ints(ids) : 0;
            gpu.each(Kernel.ELMAN_FORWARD, n, given, rows, sums, gpu.floats(bias), kept, h, batch, units, activation,
                    flag(bf16));
            Agreement.require("gates", hidden, gpu.readFloats(kept, n), 1e-6);
            Agreement.require("hidden", hidden, gpu.readNumbers(bf16, h, n), tolerance(bf16));
            gpu.each(Kernel.ELMAN_FORWARD, n, given, rows, sums, gpu.floats(bias), fromIds ? 0L : given, h, batch,
                    units,
                    activation, flag(bf16));
            Agreement.require("hidden again", hidden, gpu.readNumbers(bf16, h, n), tolerance(bf16));
            if (!fromIds) {
                Agreement.require("gates in place", hidden, gpu.readFloats(given, n), 1e-6);
            }
            long result = gpu.fresh((bf16 ? 2L : 4L) * n);
            gpu.each(Kernel.ELMAN_BACKWARD, n, kept, gpu.numbers(bf16, dy), first ? 0L : gpu.floats(dh), result, n,
                    activation, flag(bf16));
            Agreement.require("sums' gradients", gradients, gpu.readNumbers(bf16, result, n), tolerance(bf16));
        }
    }

    /** Of two units, one gate of the first has a sum that is no number. */
    @ParameterizedTest
    @CsvSource({"0,false", "1,false", "2,false", "0,true", "1,true", "2,true"})
    void whatIsNoNumberStaysNone(int g, boolean hard) {
        double[] input = {1, 1, 1, 1, 1, 1};
        input[2 * g] = Double.NaN;
        try (Gpu gpu = Gpu.open()) {
            long h = gpu.fresh(8);
            gpu.each(Kernel.GRU_FORWARD, 2, gpu.floats(input), 0L, gpu.floats(new double[6]),
                    gpu.floats(new double[12]), gpu.floats(1, 1), 0L, 0L, h, 1, 2, flag(hard), 1, 0);
            assertEquals(Double.NaN, gpu.readFloats(h, 2)[0]);
            assertTrue(gpu.readFloats(h, 2)[1] > 0);
            gpu.each(Kernel.GRU_RESET, 2, gpu.floats(input), 0L, gpu.floats(new double[6]), gpu.floats(new double[6]),
                    gpu.floats(1, 1), h, 1, 2, flag(hard), 0);
            assertEquals(g == 1, Double.isNaN(gpu.readFloats(h, 2)[0]));
            gpu.each(Kernel.ELMAN_FORWARD, 2, gpu.floats(Double.NaN, 1), 0L, 0L, gpu.floats(0, 0), 0L, h, 1, 2,
                    hard ? RELU : TANH, 0);
            assertEquals(Double.NaN, gpu.readFloats(h, 2)[0]);
            assertTrue(gpu.readFloats(h, 2)[1] > 0);
        }
    }
}
