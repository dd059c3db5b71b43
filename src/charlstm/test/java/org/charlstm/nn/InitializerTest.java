package org.charlstm.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.junit.jupiter.api.Test;

class InitializerTest {
    private static final ModelConfig CONFIG = Models.of(38, 128, 64);
    private static final Weights WEIGHTS = Initializer.keras(CONFIG, 1);

    @Test
    void kernelsFillTheGlorotRange() {
        for (String name : new String[] {"lstm_1.kernel", "dense_1.kernel", "dense_2.kernel"}) {
            Tensor kernel = WEIGHTS.get(name);
            double bound = Math.sqrt(6.0 / (kernel.shape().get(0) + kernel.shape().get(1)));
            double max = Arrays.stream(kernel.values()).map(Math::abs).max().orElseThrow();
            double variance = Arrays.stream(kernel.values()).map(x -> x * x).average().orElseThrow();
            assertTrue(max <= bound * (1 + 1e-7) && max > 0.99 * bound, name + " reaches " + max + " of " + bound);
            assertEquals(bound * bound / 3, variance, 0.1 * bound * bound / 3, name);
        }
    }

    @Test
    void recurrentKernelHasOrthonormalRows() {
        double[] u = WEIGHTS.get("lstm_1.recurrent_kernel").values();
        int width = 4 * CONFIG.named().getFirst().width();
        for (int i = 0; i < CONFIG.named().getFirst().width(); i++) {
            for (int k = 0; k <= i; k++) {
                double dot = 0;
                for (int j = 0; j < width; j++) {
                    dot += u[i * width + j] * u[k * width + j];
                }
                assertEquals(i == k ? 1 : 0, dot, 1e-6);
            }
        }
    }

    @Test
    void biasesAreZeroButOneForTheForgetGate() {
        double[] bias = WEIGHTS.get("lstm_1.bias").values();
        for (int j = 0; j < bias.length; j++) {
            assertEquals(j >= 128 && j < 256 ? 1 : 0, bias[j]);
        }
        assertArrayEquals(new double[64], WEIGHTS.get("dense_1.bias").values());
        assertArrayEquals(new double[38], WEIGHTS.get("dense_2.bias").values());
    }

    @Test
    void othersTakeThePlaceOfKeras() {
        // Kernels that are wide, tall and tall.
        InitialWeights other = new InitialWeights(Initializer.ORTHOGONAL, Initializer.UNIFORM, -2.5);
        Weights weights = other.weights(CONFIG, 1);
        for (String name : new String[] {"lstm_1.kernel", "dense_1.kernel", "dense_2.kernel"}) {
            Tensor kernel = weights.get(name);
            int rows = kernel.shape().get(0);
            int columns = kernel.shape().get(1);
            double[] w = kernel.values();
            for (int i = 0; i < Math.min(rows, columns); i++) {
                for (int k = 0; k <= i; k++) {
                    double dot = 0;
                    for (int j = 0; j < Math.max(rows, columns); j++) {
                        dot += rows <= columns ? w[i * columns + j] * w[k * columns + j]
                                : w[j * columns + i] * w[j * columns + k];
                    }
                    assertEquals(i == k ? 1 : 0, dot, 1e-6, name);
                }
            }
        }
        double[] uniform = weights.get("lstm_1.recurrent_kernel").values();
        double max = Arrays.stream(uniform).map(Math::abs).max().orElseThrow();
        assertTrue(max <= 0.05 * (1 + 1e-7) && max > 0.0499, "as far as " + max);
        assertEquals(0.05 * 0.05 / 3, Arrays.stream(uniform).map(x -> x * x).average().orElseThrow(), 1e-5);
        double[] bias = new double[512];
        Arrays.fill(bias, 128, 256, -2.5);
        assertArrayEquals(bias, weights.get("lstm_1.bias").values());
        assertArrayEquals(new double[64], weights.get("dense_1.bias").values());
        assertThrows(IllegalArgumentException.class,
                () -> new InitialWeights(Initializer.UNIT_FORGET_BIAS, Initializer.UNIFORM, 1));
        assertThrows(IllegalArgumentException.class,
                () -> new InitialWeights(Initializer.UNIFORM, Initializer.UNIFORM, Double.NaN));
    }

    @Test
    void theSeedFixesEveryTensorAndTensorsDiffer() {
        Weights again = Initializer.keras(CONFIG, 1);
        Weights other = Initializer.keras(CONFIG, 2);
        for (String name : new String[] {"lstm_1.kernel", "lstm_1.recurrent_kernel", "dense_1.kernel"}) {
            assertArrayEquals(WEIGHTS.get(name).values(), again.get(name).values());
            assertFalse(Arrays.equals(WEIGHTS.get(name).values(), other.get(name).values()));
        }
        assertFalse(WEIGHTS.get("lstm_1.kernel").values()[0] == WEIGHTS.get("dense_1.kernel").values()[0]);
    }

    @Test
    void theLabsModelHasItsNumberOfParameters() {
        assertEquals(106_918, Models.of(38, 128, 128).parameters());
        for (ModelConfig config : List.of(Models.of(38, 128, 0), Models.of(5, 3, 3, 7),
                Models.of(9, 4, 2, 0))) {
            assertEquals(config.tensors().stream().mapToLong(TensorSpec::size).sum(), config.parameters());
        }
        assertThrows(IllegalArgumentException.class, () -> Models.of(38, 8192, 4, 128));
        assertEquals(85_504 + 128 * 38 + 38, Models.of(38, 128, 0).parameters());
    }
}
