package org.charlstm.selftest;

import static org.charlstm.selftest.TrialMemory.random;
import static org.charlstm.selftest.TrialMemory.randomIds;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.charlstm.cuda.Precision;
import org.charlstm.device.Activation;
import org.charlstm.device.Dense;
import org.charlstm.device.Doubles;
import org.charlstm.device.Head;
import org.charlstm.device.Ints;
import org.charlstm.device.Matrix;
import org.charlstm.device.Operations;
import org.charlstm.device.WeightLayout;

/**
 * The head as one, where a device has that, against the oracle's layers one by one; some rows do not count, others are
 * padding.
 */
final class HeadCheck {
    /** Something else lies before the head's weights and must stay untouched. */
    private static final int OFFSET = 32;
    private static final int HITS_BEFORE = 7;
    private static final List<Head.Shape> SHAPES = List.of(shape(1, 1, 1, Activation.RELU, 1),
            shape(3, 5, 2, Activation.TANH, 7), shape(37, 16, 38, Activation.RELU, 64),
            shape(16, 37, 65, Activation.LINEAR, 65), shape(128, 128, 38, Activation.RELU, 300),
            shape(127, 128, 128, Activation.TANH, 65), shape(24, 33, 38, Activation.RELU, 21, 1, 43));

    private record Result(double[] totals, double[] inputGradient, double[] gradients) {
    }

    /** What a head takes and gives, in a device's memory. */
    private static final class Buffers {
        private final Operations operations;
        private final Head.Shape shape;
        private final int rows;
        private final Matrix weights;
        private final Matrix gradients;
        private final Matrix input;
        private final Matrix inputGradient;
        private final Ints targets;
        private final Doubles count;
        private final Doubles totals;

        Buffers(TrialMemory scope, Head.Shape shape) {
            this.shape = shape;
            operations = scope.operations();
            rows = shape.firstRow(shape.parts().size());
            WeightLayout second = second();
            double[] values = new double[start() + second.size()];
            first().pack(new double[][] {coarse(random(1, shape.inputs() * shape.units(), 0.5)),
                coarse(random(2, shape.units(), 0.5))}, values, OFFSET);
            second.pack(new double[][] {coarse(random(3, shape.units() * shape.symbols(), 0.5)),
                coarse(random(4, shape.symbols(), 0.5))}, values, start());
            weights = scope.flat(values);
            gradients = scope.flat(random(5, values.length, 9));
            input = scope.matrix(rows, shape.inputs(), coarse(random(6, rows * shape.inputs(), 1)));
            inputGradient = scope.matrix(rows, shape.inputs(), random(7, rows * shape.inputs(), 9));
            targets = scope.ints(CrossEntropyCheck.marked(randomIds(8, rows, shape.symbols())));
            count = scope.memory().doubles(1);
            count.write(new double[] {rows});
            totals = scope.memory().doubles(Operations.TOTALS);
            totals.write(new double[] {5, HITS_BEFORE, 9, 11, 13});
        }

        /** Of 7 bits, so that sums are exact and no rounding decides whether a ReLU lets a gradient through. */
        private static double[] coarse(double[] values) {
            return Arrays.stream(values).map(value -> Math.rint(value * 64) / 64).toArray();
        }

        WeightLayout first() {
            return operations.denseLayout(shape.inputs(), shape.units());
        }

        WeightLayout second() {
            return operations.denseLayout(shape.units(), shape.symbols());
        }

        int start() {
            return OFFSET + first().size();
        }

        Result runLayers(TrialMemory scope) {
            Dense below = operations.dense(scope.memory(),
                    new Dense.Shape(shape.inputs(), shape.units(), rows, shape.activation()), OFFSET);
            Dense top = operations.dense(scope.memory(),
                    new Dense.Shape(shape.units(), shape.symbols(), rows, Activation.LINEAR), start());
            Matrix a = scope.matrix(rows, shape.units());
            Matrix da = scope.matrix(rows, shape.units());
            Matrix logits = scope.matrix(rows, shape.symbols());
            below.forward(weights, input, a);
            top.forward(weights, a, logits);
            operations.crossEntropy(logits, targets, count, logits, totals);
            top.backward(weights, a, logits, logits, da, gradients);
            below.backward(weights, input, a, da, inputGradient, gradients);
            return result();
        }

        Result run(Head head) {
            // Not in their order, which must not matter.
            for (int part = shape.parts().size() - 1; part >= 0; part--) {
                head.run(weights, input, targets, count, inputGradient, part);
            }
            head.finish(totals, gradients);
            return result();
        }

        private Result result() {
            return new Result(totals.read(), inputGradient.read(), gradients.read());
        }

        /** Kernels and biases of a flat buffer. */
        double[][] unpack(double[] flat) {
            double[][] below = first().unpack(flat, OFFSET);
            double[][] top = second().unpack(flat, start());
            return new double[][] {below[0], below[1], top[0], top[1]};
        }
    }

    private HeadCheck() {
    }

    private static Head.Shape shape(int inputs, int units, int symbols, Activation activation, Integer... parts) {
        return new Head.Shape(inputs, units, symbols, activation, List.of(parts));
    }

    static List<Check> of(Tolerances tolerances) {
        return List.of(new Check("head as one", tolerances.operation(), SHAPES.stream()
                .map(shape -> new Check.Case("H " + shape.inputs() + ", D " + shape.units() + " "
                        + shape.activation().title() + ", V " + shape.symbols() + ", rows " + shape.parts(),
                        (scope, oracle, comparison) -> compare(shape, scope, oracle, comparison)))
                .toList()));
    }

    private static void compare(Head.Shape shape, TrialMemory scope, TrialMemory oracle, Comparison comparison) {
        Optional<Head> head = scope.operations().head(scope.memory(), shape, OFFSET);
        if (head.isEmpty()) {
            comparison.note("the device computes its layers one by one");
            return;
        }
        Buffers given = new Buffers(oracle, shape);
        Buffers own = new Buffers(scope, shape);
        Result expected = given.runLayers(oracle);
        Result actual = own.run(head.get());
        comparison.agree("loss", new double[] {expected.totals[0]}, new double[] {actual.totals[0]});
        if (scope.device().precision() != Precision.BF16) {
            // There a rounding may decide which of two logits is higher.
            comparison.same("hits", new double[] {expected.totals[1]}, new double[] {actual.totals[1]});
        }
        comparison.same("counted", new double[] {expected.totals[2]}, new double[] {actual.totals[2]});
        comparison.agree("loss without padding", new double[] {expected.totals[3]}, new double[] {actual.totals[3]});
        comparison.same("no padding", new double[] {expected.totals[4]}, new double[] {actual.totals[4]});
        comparison.agree("input's gradient", expected.inputGradient, actual.inputGradient);
        comparison.same("elements before the head's", random(5, OFFSET, 9), Arrays.copyOf(actual.gradients, OFFSET));
        double[][] wanted = given.unpack(expected.gradients);
        double[][] got = own.unpack(actual.gradients);
        List<String> names = List.of("first kernel", "first bias", "second kernel", "second bias");
        for (int i = 0; i < names.size(); i++) {
            comparison.agree(names.get(i) + "'s gradient", wanted[i], got[i]);
        }
    }
}
