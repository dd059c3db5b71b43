package org.charlstm.device;

import static org.charlstm.selftest.TrialMemory.random;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.stream.Stream;
import org.charlstm.cuda.Precision;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.charlstm.selftest.TrialMemory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The product where the self-test does not try it: numbers that are not finite, records, and refusals. */
class MatmulTest {
    static Stream<String> devices() {
        return Stream.concat(Stream.of("reference"), TestDevices.all());
    }

    private static double[] product(Operations operations, TrialMemory scope, int rows, double[] a, double[] b) {
        int depth = a.length / rows;
        Matrix c = scope.matrix(rows, b.length / depth);
        operations.matmul(scope.matrix(rows, depth, a), scope.matrix(depth, b.length / depth, b), c);
        return c.read();
    }

    @ParameterizedTest
    @MethodSource("devices")
    void aSmallProductIsExact(String name) {
        try (Device device = TestDevices.open(name); TrialMemory scope = new TrialMemory(device)) {
            assertArrayEquals(new double[] {58, 64, 139, 154}, product(device.operations(), scope, 2,
                    new double[] {1, 2, 3, 4, 5, 6}, new double[] {7, 8, 9, 10, 11, 12}));
        }
    }

    /** Beside them, what pads rows on a device stays zero: the norm is that of the elements. */
    @ParameterizedTest
    @MethodSource("devices")
    void infinityAndNaNStayInTheirRows(String name) {
        double infinity = Double.POSITIVE_INFINITY;
        try (Device device = TestDevices.open(name); TrialMemory scope = new TrialMemory(device)) {
            Matrix c = scope.matrix(3, 1);
            device.operations().matmul(scope.matrix(3, 2, infinity, 1, Double.NaN, 1, 1, 1), scope.matrix(2, 1, 1, 1),
                    c);
            assertArrayEquals(new double[] {infinity, Double.NaN, 2}, c.read());
            c.write(new double[] {3, 0, 4});
            Doubles norms = scope.memory().doubles(4);
            device.operations().clip(c, infinity, infinity, norms);
            assertEquals(5, norms.read()[0], 1e-6);
        }
    }

    @ParameterizedTest
    @MethodSource("devices")
    void aRecordedProductTakesWhatItsFactorsHold(String name) {
        try (Device device = TestDevices.open(name); TrialMemory scope = new TrialMemory(device)) {
            Matrix a = scope.matrix(1, 2);
            Matrix c = scope.flat(0, 0, 0);
            Matrix b = scope.matrix(2, 3, 1, 2, 3, 4, 5, 6);
            Runnable step = device.capture(scope.memory(), () -> device.operations().matmul(a, b, c));
            for (int i = 1; i < 4; i++) {
                a.write(new double[] {i, 1});
                step.run();
                assertArrayEquals(new double[] {i + 4, 2 * i + 5, 3 * i + 6}, c.read());
            }
        }
    }

    @ParameterizedTest
    @MethodSource("devices")
    void whatDoesNotFitIsRefused(String name) {
        try (Device device = TestDevices.open(name); TrialMemory scope = new TrialMemory(device)) {
            Matrix a = scope.matrix(2, 3);
            Matrix b = scope.matrix(4, 3);
            Matrix c = scope.matrix(2, 4);
            Operations operations = device.operations();
            operations.matmul(a, false, b, true, c);
            assertEquals("a product of 2 x 3 and 4 x 3 into 2 x 4; M x K and K x N make M x N",
                    assertThrows(IllegalArgumentException.class, () -> operations.matmul(a, b, c)).getMessage());
            assertTrue(assertThrows(IllegalArgumentException.class, () -> operations.matmul(a, true, b, true, c))
                    .getMessage().startsWith("a product of 2 x 3 transposed and 4 x 3 transposed"));
            assertThrows(IllegalArgumentException.class,
                    () -> operations.matmul(a, false, b, true, scope.matrix(4, 2)));
            Matrix square = scope.matrix(3, 3);
            for (boolean first : new boolean[] {true, false}) {
                assertTrue(assertThrows(IllegalArgumentException.class, () -> operations.matmul(
                        first ? square : scope.matrix(3, 3), first ? scope.matrix(3, 3) : square, square)).getMessage()
                        .contains("in the place of a factor"));
            }
        }
    }

    /** Factors are bf16 then, and a product may be either. */
    @ParameterizedTest
    @Needs(Need.GPU)
    @MethodSource("org.charlstm.device.TestDevices#gpus")
    void aFactorOfAnotherTypeIsRefused(String name) {
        try (Device device = TestDevices.open(name, DeviceOptions.DEFAULT.withPrecision(Precision.BF16));
                TrialMemory scope = new TrialMemory(device)) {
            Matrix b = scope.matrix(3, 5, random(2, 15, 1));
            Matrix inFloats = scope.flat(new double[5]);
            Matrix rounded = scope.matrix(1, 5);
            Matrix a = scope.matrix(1, 3, 1, 0, 1);
            device.operations().matmul(a, b, inFloats);
            device.operations().matmul(a, b, rounded);
            assertArrayEquals(rounded.read(), inFloats.read(), 1e-2);
            assertTrue(assertThrows(IllegalArgumentException.class,
                    () -> device.operations().matmul(scope.flat(1, 0, 1), b, rounded)).getMessage()
                    .startsWith("a factor of float32 where this GPU multiplies bf16; take Memory.matrix"));
        }
    }
}
