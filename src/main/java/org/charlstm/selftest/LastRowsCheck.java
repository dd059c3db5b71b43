package org.charlstm.selftest;

import static org.charlstm.selftest.TrialMemory.random;

import java.util.List;
import java.util.stream.Stream;
import org.charlstm.device.Matrix;

/** The last rows of a matrix, and such rows with zeros before them. */
final class LastRowsCheck {
    /** Of the longer matrix, and of its last rows. */
    private record Shape(int all, int last, int columns) {
        @Override
        public String toString() {
            return last + " of " + all + " x " + columns;
        }
    }

    private LastRowsCheck() {
    }

    static List<Check> of(Tolerances tolerances) {
        return List.of(new Check("last rows", tolerances.operation(), Stream.of(new Shape(1, 1, 1), new Shape(9, 3, 37),
                new Shape(37, 1, 3), new Shape(129, 128, 129), new Shape(512, 16, 128), new Shape(5, 5, 20))
                .map(shape -> new Check.Case(shape.toString(), (scope, oracle, comparison) -> {
                    for (boolean back : new boolean[] {false, true}) {
                        comparison.agree(back ? "with zeros before" : "rows", copied(oracle, shape, back),
                                copied(scope, shape, back));
                    }
                })).toList()));
    }

    /** Where something else was before. */
    private static double[] copied(TrialMemory scope, Shape shape, boolean back) {
        int rows = back ? shape.last : shape.all;
        int others = back ? shape.all : shape.last;
        Matrix from = scope.matrix(rows, shape.columns, random(1, rows * shape.columns, 1));
        Matrix to = scope.matrix(others, shape.columns, random(2, others * shape.columns, 9));
        scope.operations().lastRows(from, to);
        return to.read();
    }
}
