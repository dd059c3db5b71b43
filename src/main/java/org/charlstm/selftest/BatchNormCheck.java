package org.charlstm.selftest;

import static org.charlstm.selftest.TrialMemory.random;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.charlstm.device.BatchNorm;
import org.charlstm.device.Matrix;
import org.charlstm.device.WeightLayout;

/** Batch normalisation in training, with its moving values and gradients, and in use. */
final class BatchNormCheck {
    /** Something else lies before the layer's weights, and before the moving values, and must stay untouched. */
    private static final int OFFSET = 32;
    private static final List<BatchNorm.Shape> SHAPES = List.of(shape(1, 1, 0.99), shape(3, 1, 0.5), shape(1, 37, 0.9),
            shape(37, 129, 0.99), shape(129, 65, 0), shape(128, 1384, 0.99), shape(20, 5000, 0.7));

    private static BatchNorm.Shape shape(int columns, int rows, double momentum) {
        return new BatchNorm.Shape(columns, rows, momentum, 1e-3, true);
    }

    private record Result(double[] before, double[] output, double[] gamma, double[] beta, double[] inputGradient,
            double[] moving, double[] used) {
        static Result on(TrialMemory scope, BatchNorm.Shape shape) {
            int columns = shape.columns();
            int size = columns * shape.rows();
            WeightLayout layout = scope.operations().batchNormLayout(columns);
            int trained = OFFSET + layout.size();
            int moving = Math.ceilDiv(trained, 64) * 64;
            double[] values = Arrays.copyOf(random(1, OFFSET, 1), moving + 2 * columns);
            layout.pack(new double[][] {random(2, columns, 2), random(3, columns, 1)}, values, OFFSET);
            double[] means = random(4, columns, 1);
            double[] variances = Arrays.stream(random(5, columns, 1)).map(value -> value * value + 0.1).toArray();
            System.arraycopy(means, 0, values, moving, columns);
            System.arraycopy(variances, 0, values, moving + columns, columns);
            Matrix weights = scope.flat(values);
            // Columns far from zero beside their spread: a sum of squares would lose it.
            double[] inputs = random(6, size, 1);
            for (int i = 0; i < size; i++) {
                inputs[i] = (float) (inputs[i] + 8 * (i % columns % 3));
            }
            Matrix input = scope.matrix(shape.rows(), columns, inputs);
            Matrix output = scope.matrix(shape.rows(), columns, random(7, size, 9));
            BatchNorm norm = scope.operations().batchNorm(scope.memory(), shape, OFFSET, moving);
            norm.forward(weights, input, output);
            double[] normalised = output.read();
            Matrix gradients = scope.flat(random(8, trained, 9));
            Matrix outputGradient = scope.matrix(shape.rows(), columns, random(9, size, 1));
            Matrix inputGradient = scope.matrix(shape.rows(), columns, random(10, size, 9));
            norm.backward(weights, input, outputGradient, inputGradient, gradients);
            double[] apart = inputGradient.read();
            norm.backward(weights, input, outputGradient, outputGradient, gradients);
            double[][] tensors = layout.unpack(gradients.read(), OFFSET);
            double[] after = weights.read();
            BatchNorm.Shape inUse =
                    new BatchNorm.Shape(columns, shape.rows(), shape.momentum(), shape.epsilon(), false);
            scope.operations().batchNorm(scope.memory(), inUse, OFFSET, moving).forward(weights, input, output);
            return new Result(concat(Arrays.copyOf(gradients.read(), OFFSET), Arrays.copyOf(after, moving)),
                    normalised, tensors[0], tensors[1], concat(apart, outputGradient.read()),
                    Arrays.copyOfRange(after, moving, moving + 2 * columns), output.read());
        }

        private static double[] concat(double[] first, double[] second) {
            return Stream.of(first, second).flatMapToDouble(Arrays::stream).toArray();
        }
    }

    private BatchNormCheck() {
    }

    static List<Check> of(Tolerances tolerances) {
        return List.of(new Check("batch normalisation", tolerances.gradients(), SHAPES.stream()
                .map(shape -> new Check.Case(shape.columns() + " columns, " + shape.rows() + " rows",
                        (scope, oracle, comparison) -> {
                            Result expected = Result.on(oracle, shape);
                            Result actual = Result.on(scope, shape);
                            comparison.agree("output", expected.output, actual.output);
                            comparison.agree("moving values", expected.moving, actual.moving);
                            comparison.agree("output in use", expected.used, actual.used);
                            comparison.agree("gamma's gradient", expected.gamma, actual.gamma);
                            comparison.agree("beta's gradient", expected.beta, actual.beta);
                            comparison.agree("input's gradient, apart and in place", expected.inputGradient,
                                    actual.inputGradient);
                            comparison.same("elements before the layer's", Arrays.copyOf(expected.before, OFFSET),
                                    Arrays.copyOf(actual.before, OFFSET));
                        }))
                .toList()));
    }
}
