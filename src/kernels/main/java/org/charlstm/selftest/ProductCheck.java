package org.charlstm.selftest;

import static org.charlstm.selftest.TrialMemory.random;

import module java.base;
import org.charlstm.device.Matrix;

/** Checks the product of two matrices, with each factor as it is and transposed. */
final class ProductCheck {
    /** The shapes (M, K) of op(a) and (K, N) of op(b). */
    private record Shape(int m, int n, int k, boolean transposedA, boolean transposedB) {
        String title() {
            return (transposedA ? "transposed " : "") + m + " x " + k + " times " + (transposedB ? "transposed " : "")
                    + k + " x " + n;
        }

        static Stream<Shape> all(int m, int n, int k) {
            return Stream.of(new Shape(m, n, k, false, false), new Shape(m, n, k, false, true),
                    new Shape(m, n, k, true, false), new Shape(m, n, k, true, true));
        }
    }

    static List<Check.Case> matmul() {
        List<Shape> shapes = Stream.of(Shape.all(1, 1, 1), Shape.all(1, 37, 3), Shape.all(3, 1, 37),
                Shape.all(37, 3, 1), Shape.all(37, 37, 37), Shape.all(129, 37, 129), Shape.all(64, 128, 32),
                Shape.all(130, 300, 260)).flatMap(some -> some).toList();
        return Check.Case.besideOracle(shapes, Shape::title, ProductCheck::multiply);
    }

    private static void multiply(Shape shape, TrialMemory memory, Check.Results results) {
        int m = shape.m;
        int n = shape.n;
        int k = shape.k;
        Matrix a = memory.matrix(shape.transposedA ? k : m, shape.transposedA ? m : k, random(1, m * k, 1));
        Matrix b = memory.matrix(shape.transposedB ? n : k, shape.transposedB ? k : n, random(2, k * n, 1));
        Matrix c = memory.matrix(m, n, random(3, m * n, 9));
        memory.operations().matmul(a, shape.transposedA, b, shape.transposedB, c);
        results.close("product", c.read());
        // Both factors may be the same matrix.
        Matrix square = memory.matrix(a.rows(), a.rows(), random(4, a.rows() * a.rows(), 9));
        memory.operations().matmul(a, false, a, true, square);
        results.close("product with itself", square.read());
    }
}
