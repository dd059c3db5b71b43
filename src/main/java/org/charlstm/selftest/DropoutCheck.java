package org.charlstm.selftest;

import static org.charlstm.selftest.TrialMemory.random;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.charlstm.device.Dropout;
import org.charlstm.device.Ints;
import org.charlstm.device.Matrix;

/** What dropout lets through of several batches, in place and to another matrix. */
final class DropoutCheck {
    private record Shape(int rows, int columns, double rate, int layer, Dropout.Rows part) {
        Shape(int rows, int columns, double rate, int layer) {
            this(rows, columns, rate, layer, Dropout.Rows.ALL);
        }

        @Override
        public String toString() {
            return rows + " x " + columns + ", rate " + rate + (part.equals(Dropout.Rows.ALL) ? ""
                    : ", " + part.batch() + " of " + part.whole() + " sequences from " + part.first());
        }
    }

    private DropoutCheck() {
    }

    static List<Check> of(Tolerances tolerances) {
        return List.of(new Check("dropout", tolerances.operation(), Stream.of(new Shape(1, 1, 0.5, 0),
                new Shape(3, 37, 0, 1), new Shape(37, 3, 0.1, 2), new Shape(129, 129, 0.999, 63),
                new Shape(173, 128, 0.2, 1), new Shape(7, 8, 0.3, 0), new Shape(65, 20, 0.75, 5),
                new Shape(42, 37, 0.5, 1, new Dropout.Rows(3, 8, 5)), new Shape(300, 128, 0.3, 2,
                        new Dropout.Rows(100, 129, 0)))
                .map(shape -> new Check.Case(shape.toString(),
                        (scope, oracle, comparison) -> compare(shape, scope, oracle, comparison)))
                .toList()));
    }

    private static void compare(Shape shape, TrialMemory scope, TrialMemory oracle, Comparison comparison) {
        for (int batch : new int[] {0, 1, 1 << 20}) {
            double[] expected = output(shape, oracle, batch, true);
            double[] apart = output(shape, scope, batch, false);
            comparison.same("which are dropped", dropped(expected), dropped(apart));
            comparison.agree("what is kept", expected, apart);
            comparison.same("what is kept in place", apart, output(shape, scope, batch, true));
        }
    }

    /** No input is zero, but rounding to bf16 may make one so. */
    private static int[] dropped(double[] values) {
        return Arrays.stream(values).mapToInt(value -> value == 0 ? 1 : 0).toArray();
    }

    /** Where something else was before. */
    private static double[] output(Shape shape, TrialMemory scope, int batch, boolean inPlace) {
        int size = shape.rows * shape.columns;
        double[] values = Arrays.stream(random(1, size, 1)).map(value -> value + Math.copySign(0.125, value)).toArray();
        Matrix input = scope.matrix(shape.rows, shape.columns, values);
        Matrix output = inPlace ? input : scope.matrix(shape.rows, shape.columns, random(2, size, 9));
        Ints number = scope.ints(batch);
        scope.operations().dropout(new Dropout(shape.rate, (7L << 32) + 3, shape.layer, shape.part), number, input,
                output);
        return output.read();
    }
}
