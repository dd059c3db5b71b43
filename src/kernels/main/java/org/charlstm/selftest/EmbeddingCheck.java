package org.charlstm.selftest;

import static org.charlstm.selftest.TrialMemory.OFFSET;
import static org.charlstm.selftest.TrialMemory.random;
import static org.charlstm.selftest.TrialMemory.randomIds;

import module java.base;
import org.charlstm.device.Embedding;
import org.charlstm.device.Embedding.TiedKernel;
import org.charlstm.device.Ints;
import org.charlstm.device.Matrix;
import org.charlstm.device.WeightLayout;

/** Checks an embedding and its gradient, and a dense layer's kernel that is tied to the embedding. */
final class EmbeddingCheck {
    private record Table(int symbols, int units) {
        String title() {
            return symbols + " x " + units;
        }
    }

    static List<Check.Case> embedding() {
        return Check.Case.besideOracle(List.of(new Embedding.Shape(1, 1, 1), new Embedding.Shape(3, 37, 5),
                new Embedding.Shape(38, 32, 1384), new Embedding.Shape(129, 3, 37), new Embedding.Shape(5000, 8, 65)),
                shape -> shape.symbols() + " x " + shape.units() + ", " + shape.rows() + " rows",
                EmbeddingCheck::embedding);
    }

    private static void embedding(Embedding.Shape shape, TrialMemory memory, Check.Results results) {
        int size = shape.rows() * shape.units();
        WeightLayout layout = memory.operations().embeddingLayout(shape.symbols(), shape.units());
        Matrix weights = memory.flat(layout, OFFSET, List.of(random(1, shape.symbols() * shape.units(), 1)));
        Embedding embedding = memory.operations().embedding(memory.memory(), shape, OFFSET);
        Ints ids = memory.ints(randomIds(2, shape.rows(), shape.symbols()));
        Matrix output = memory.matrix(shape.rows(), shape.units(), random(3, size, 9));
        embedding.forward(weights, ids, output);
        Matrix gradients = memory.flat(random(4, weights.columns(), 9));
        embedding.backward(ids, memory.matrix(shape.rows(), shape.units(), random(5, size, 1)), gradients);
        results.close("output", output.read());
        results.close("table's gradient", layout.unpack(gradients.read(), OFFSET)[0]);
        results.exact("elements before the table", Arrays.copyOf(gradients.read(), OFFSET));
    }

    static List<Check.Case> tiedKernel() {
        return Check.Case.besideOracle(List.of(new Table(1, 1), new Table(38, 64), new Table(3, 129),
                new Table(129, 37)), Table::title, EmbeddingCheck::tiedKernel);
    }

    private static void tiedKernel(Table shape, TrialMemory memory, Check.Results results) {
        int symbols = shape.symbols;
        int units = shape.units;
        WeightLayout table = memory.operations().embeddingLayout(symbols, units);
        WeightLayout dense = memory.operations().denseLayout(units, symbols);
        TiedKernel tied = new TiedKernel(symbols, units, OFFSET, OFFSET + table.size());
        double[] values = new double[tied.dense() + dense.size()];
        int size = symbols * units;
        table.pack(new double[][] {random(1, size, 1)}, values, tied.table());
        dense.pack(new double[][] {random(2, size, 1), random(3, symbols, 1)}, values, tied.dense());
        Matrix flat = memory.flat(values);
        memory.operations().copyTied(tied, flat);
        double[][] copied = dense.unpack(flat.read(), tied.dense());
        results.exact("copied kernel", copied[0]);
        results.exact("bias beside it", copied[1]);
        flat.write(values);
        memory.operations().gatherTied(tied, flat);
        double[][] gathered = dense.unpack(flat.read(), tied.dense());
        results.close("table's gradient", table.unpack(flat.read(), tied.table())[0]);
        results.exact("kernel's gradient", gathered[0]);
        results.exact("bias' gradient", gathered[1]);
    }
}
