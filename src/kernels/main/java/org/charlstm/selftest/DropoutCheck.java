package org.charlstm.selftest;

import static org.charlstm.selftest.TrialMemory.random;

import module java.base;
import org.charlstm.device.Dropout;
import org.charlstm.device.Matrix;

/** Checks the masks of dropout in several batches, in place and into another matrix. */
final class DropoutCheck {
    private static final long SEED = (7L << 32) + 3;
    private static final List<Shape> SHAPES = List.of(shape(1, 1, 0.5, 0), shape(3, 37, 0, 1), shape(37, 3, 0.1, 2),
            shape(129, 129, 0.999, 63), shape(173, 128, 0.2, 1), shape(7, 8, 0.3, 0), shape(65, 20, 0.75, 5),
            new Shape(42, 37, new Dropout(0.5, SEED, 1, new Dropout.Rows(3, 8, 5))),
            new Shape(300, 128, new Dropout(0.3, SEED, 2, new Dropout.Rows(100, 129, 0))));

    private record Shape(int rows, int columns, Dropout dropout) {
        String title() {
            Dropout.Rows part = dropout.rows();
            return rows + " x " + columns + ", rate " + dropout.rate() + (part.equals(Dropout.Rows.ALL) ? ""
                    : ", " + part.batch() + " of " + part.whole() + " sequences from " + part.first());
        }
    }

    private static Shape shape(int rows, int columns, double rate, int layer) {
        return new Shape(rows, columns, new Dropout(rate, SEED, layer));
    }

    static List<Check.Case> dropout() {
        return Check.Case.besideOracle(SHAPES, Shape::title, (shape, memory, results) -> {
            for (int batch : new int[] {0, 1, 1 << 20}) {
                double[] apart = output(shape, memory, batch, false);
                // No input is zero, not even after rounding to bf16.
                results.exact("which are dropped",
                        Arrays.stream(apart).mapToInt(value -> value == 0 ? 1 : 0).toArray());
                results.close("what is kept", apart);
                results.alone().same("what is kept in place", apart, output(shape, memory, batch, true));
            }
        });
    }

    private static double[] output(Shape shape, TrialMemory memory, int batch, boolean inPlace) {
        int size = shape.rows * shape.columns;
        double[] values = Arrays.stream(random(1, size, 1)).map(value -> value + Math.copySign(0.125, value)).toArray();
        Matrix input = memory.matrix(shape.rows, shape.columns, values);
        Matrix output = inPlace ? input : memory.matrix(shape.rows, shape.columns, random(2, size, 9));
        memory.operations().dropout(shape.dropout, memory.ints(batch), input, output);
        return output.read();
    }
}
