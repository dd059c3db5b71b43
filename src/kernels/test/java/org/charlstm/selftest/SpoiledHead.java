package org.charlstm.selftest;

import module java.base;
import org.charlstm.device.Activation;
import org.charlstm.device.Dense;
import org.charlstm.device.Doubles;
import org.charlstm.device.Ints;
import org.charlstm.device.Matrix;
import org.charlstm.device.Memory;
import org.charlstm.device.Operations;
import org.charlstm.device.spi.ComposedOperations;
import org.charlstm.device.spi.Head;

/** A head made of a device's own layers, which run when the parts are finished; its results are changed then. */
@SuppressWarnings({"EffectivelyPrivate", "UnusedMethod", "UnusedVariable"}) // Passing calls the methods.
final class SpoiledHead implements Head {
    /** Changes the results. */
    interface Change {
        void apply(double[] totals, double[] inputGradient, double[] gradients);
    }

    /** The arguments of the parts. */
    private record Given(Matrix weights, Matrix input, Ints targets, Doubles count, Matrix inputGradient) {
    }

    private final Operations operations;
    private final Change change;
    private final Dense below;
    private final Dense top;
    private final Matrix a;
    private final Matrix da;
    private final Matrix logits;
    private Given given;

    private SpoiledHead(Operations operations, Memory memory, Head.Shape shape, int offset, Change change) {
        this.operations = operations;
        this.change = change;
        int rows = shape.rows();
        below = operations.dense(memory, new Dense.Shape(shape.inputs(), shape.units(), rows, shape.activation()),
                offset);
        top = operations.dense(memory, new Dense.Shape(shape.units(), shape.symbols(), rows, Activation.LINEAR),
                offset + operations.denseLayout(shape.inputs(), shape.units()).size());
        a = memory.matrix(rows, shape.units());
        da = memory.matrix(rows, shape.units());
        logits = memory.matrix(rows, shape.symbols());
    }

    static UnaryOperator<Operations> of(Change change) {
        return right -> Passing.on(ComposedOperations.class, right, new Object() {
            public Optional<Head> head(Memory memory, Head.Shape shape, int offset) {
                return Optional.of(new SpoiledHead(right, memory, shape, offset, change));
            }
        });
    }

    @Override
    public void run(Matrix weights, Matrix input, Ints targets, Doubles count, Matrix inputGradient, int part) {
        given = new Given(weights, input, targets, count, inputGradient);
    }

    @Override
    public void finish(Doubles totals, Matrix gradients) {
        Given all = Objects.requireNonNull(given);
        below.forward(all.weights, all.input, a);
        top.forward(all.weights, a, logits);
        operations.crossEntropy(logits, all.targets, all.count, logits, totals);
        top.backward(all.weights, a, logits, logits, da, gradients);
        below.backward(all.weights, all.input, a, da, all.inputGradient, gradients);
        double[] sums = totals.read();
        double[] dx = all.inputGradient.read();
        double[] flat = gradients.read();
        change.apply(sums, dx, flat);
        totals.write(sums);
        all.inputGradient.write(dx);
        gradients.write(flat);
    }
}
