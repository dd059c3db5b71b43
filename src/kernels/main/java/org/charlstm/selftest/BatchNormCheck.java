package org.charlstm.selftest;

import static org.charlstm.selftest.TrialMemory.OFFSET;
import static org.charlstm.selftest.TrialMemory.random;

import module java.base;
import org.charlstm.device.BatchNorm;
import org.charlstm.device.Matrix;
import org.charlstm.device.WeightLayout;

/** Checks batch normalisation in training, with its moving values and gradients, and in inference. */
final class BatchNormCheck {
    private static final List<BatchNorm.Shape> SHAPES = List.of(shape(1, 1, 0.99), shape(3, 1, 0.5), shape(1, 37, 0.9),
            shape(37, 129, 0.99), shape(129, 65, 0), shape(128, 1384, 0.99), shape(20, 5000, 0.7));

    private static BatchNorm.Shape shape(int columns, int rows, double momentum) {
        return new BatchNorm.Shape(columns, rows, momentum, 1e-3, true);
    }

    static List<Check.Case> batchNorm() {
        return Check.Case.besideOracle(SHAPES, shape -> shape.columns() + " columns, " + shape.rows() + " rows",
                BatchNormCheck::batchNorm);
    }

    private static void batchNorm(BatchNorm.Shape shape, TrialMemory memory, Check.Results results) {
        int columns = shape.columns();
        int rows = shape.rows();
        int size = columns * rows;
        WeightLayout layout = memory.operations().batchNormLayout(columns);
        int trained = OFFSET + layout.size();
        int moving = Math.ceilDiv(trained, 64) * 64;
        double[] before = weights(columns, layout, moving);
        Matrix weights = memory.flat(before);
        // Column means are far larger than the spread: plain sums of squares would lose the variance.
        double[] inputs = random(6, size, 1);
        for (int i = 0; i < size; i++) {
            inputs[i] = (float) (inputs[i] + 8 * (i % columns % 3));
        }
        Matrix input = memory.matrix(rows, columns, inputs);
        Matrix output = memory.matrix(rows, columns, random(7, size, 9));
        BatchNorm norm = memory.operations().batchNorm(memory.memory(), shape, OFFSET, moving);
        norm.forward(weights, input, output);
        results.close("output", output.read());
        Matrix gradients = memory.flat(random(8, trained, 9));
        Matrix outputGradient = memory.matrix(rows, columns, random(9, size, 1));
        Matrix inputGradient = memory.matrix(rows, columns, random(10, size, 9));
        norm.backward(weights, input, outputGradient, inputGradient, gradients);
        norm.backward(weights, input, outputGradient, outputGradient, gradients);
        double[] after = weights.read();
        results.alone().same("elements before the moving values", Arrays.copyOf(before, moving),
                Arrays.copyOf(after, moving));
        results.close("moving values", Arrays.copyOfRange(after, moving, moving + 2 * columns));
        BatchNorm.Shape inUse = new BatchNorm.Shape(columns, rows, shape.momentum(), shape.epsilon(), false);
        memory.operations().batchNorm(memory.memory(), inUse, OFFSET, moving).forward(weights, input, output);
        results.close("output in use", output.read());
        double[][] tensors = layout.unpack(gradients.read(), OFFSET);
        results.close("gamma's gradient", tensors[0]);
        results.close("beta's gradient", tensors[1]);
        results.close("input's gradient, apart and in place",
                DoubleStream.concat(Arrays.stream(inputGradient.read()), Arrays.stream(outputGradient.read()))
                        .toArray());
        results.exact("elements before the layer's", Arrays.copyOf(gradients.read(), OFFSET));
    }

    /** A flat buffer: unrelated elements, gamma and beta, and from {@code moving} on the moving means and variances. */
    private static double[] weights(int columns, WeightLayout layout, int moving) {
        double[] values = Arrays.copyOf(random(1, OFFSET, 1), moving + 2 * columns);
        layout.pack(new double[][] {random(2, columns, 2), random(3, columns, 1)}, values, OFFSET);
        System.arraycopy(random(4, columns, 1), 0, values, moving, columns);
        double[] variances = Arrays.stream(random(5, columns, 1)).map(value -> value * value + 0.1).toArray();
        System.arraycopy(variances, 0, values, moving + columns, columns);
        return values;
    }
}
