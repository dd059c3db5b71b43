package org.charlstm.selftest;

import static org.charlstm.selftest.TrialMemory.random;
import static org.charlstm.selftest.TrialMemory.randomIds;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.charlstm.device.Embedding;
import org.charlstm.device.Embedding.TiedKernel;
import org.charlstm.device.Ints;
import org.charlstm.device.Matrix;
import org.charlstm.device.WeightLayout;

/** An embedding and its gradient, and a dense layer's kernel that is tied to it. */
final class EmbeddingCheck {
    /** Something else lies before the table and must stay untouched. */
    private static final int OFFSET = 32;

    private record Result(double[] output, double[] table, double[] before) {
        static Result on(TrialMemory scope, Embedding.Shape shape) {
            int size = shape.symbols() * shape.units();
            WeightLayout layout = scope.operations().embeddingLayout(shape.symbols(), shape.units());
            Matrix weights = scope.flat(layout, OFFSET, List.of(random(1, size, 1)));
            Embedding embedding = scope.operations().embedding(scope.memory(), shape, OFFSET);
            Ints ids = scope.ints(randomIds(2, shape.rows(), shape.symbols()));
            Matrix output = scope.matrix(shape.rows(), shape.units(), random(3, shape.rows() * shape.units(), 9));
            embedding.forward(weights, ids, output);
            Matrix gradients = scope.flat(random(4, weights.columns(), 9));
            embedding.backward(ids, scope.matrix(shape.rows(), shape.units(),
                    random(5, shape.rows() * shape.units(), 1)), gradients);
            return new Result(output.read(), layout.unpack(gradients.read(), OFFSET)[0],
                    Arrays.copyOf(gradients.read(), OFFSET));
        }
    }

    private EmbeddingCheck() {
    }

    static List<Check> of(Tolerances tolerances) {
        return List.of(new Check("embedding", tolerances.operation(), Stream.of(new Embedding.Shape(1, 1, 1),
                new Embedding.Shape(3, 37, 5), new Embedding.Shape(38, 32, 1384), new Embedding.Shape(129, 3, 37),
                new Embedding.Shape(5000, 8, 65))
                .map(shape -> new Check.Case(shape.symbols() + " x " + shape.units() + ", " + shape.rows() + " rows",
                        (scope, oracle, comparison) -> {
                            Result expected = Result.on(oracle, shape);
                            Result actual = Result.on(scope, shape);
                            comparison.agree("output", expected.output, actual.output);
                            comparison.agree("table's gradient", expected.table, actual.table);
                            comparison.same("elements before the table", expected.before, actual.before);
                        }))
                .toList()),
                new Check("tied kernel", tolerances.operation(), Stream.of(new int[] {1, 1}, new int[] {38, 64},
                        new int[] {3, 129}, new int[] {129, 37})
                        .map(size -> new Check.Case(size[0] + " x " + size[1], (scope, oracle, comparison) -> {
                            double[][] expected = tied(oracle, size[0], size[1]);
                            double[][] actual = tied(scope, size[0], size[1]);
                            comparison.same("copied kernel", expected[0], actual[0]);
                            comparison.same("bias beside it", expected[1], actual[1]);
                            comparison.agree("table's gradient", expected[2], actual[2]);
                            comparison.same("kernel's gradient", expected[3], actual[3]);
                            comparison.same("bias' gradient", expected[4], actual[4]);
                        }))
                        .toList()));
    }

    /** Kernel and bias after they were copied; the gradients of table, kernel and bias after they were gathered. */
    private static double[][] tied(TrialMemory scope, int symbols, int units) {
        WeightLayout table = scope.operations().embeddingLayout(symbols, units);
        WeightLayout dense = scope.operations().denseLayout(units, symbols);
        TiedKernel tied = new TiedKernel(symbols, units, OFFSET, OFFSET + table.size());
        double[] values = new double[tied.dense() + dense.size()];
        int size = symbols * units;
        table.pack(new double[][] {random(1, size, 1)}, values, tied.table());
        dense.pack(new double[][] {random(2, size, 1), random(3, symbols, 1)}, values, tied.dense());
        Matrix flat = scope.flat(values);
        scope.operations().copyTied(tied, flat);
        double[][] copied = dense.unpack(flat.read(), tied.dense());
        flat.write(values);
        scope.operations().gatherTied(tied, flat);
        double[][] gathered = dense.unpack(flat.read(), tied.dense());
        return new double[][] {copied[0], copied[1], table.unpack(flat.read(), tied.table())[0], gathered[0],
            gathered[1]};
    }
}
