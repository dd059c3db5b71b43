package org.charlstm.selftest;

import static org.charlstm.selftest.TrialMemory.OFFSET;
import static org.charlstm.selftest.TrialMemory.random;

import module java.base;
import org.charlstm.device.Activation;
import org.charlstm.device.Dense;
import org.charlstm.device.Matrix;

/** Checks the dense layer, with each activation. */
final class DenseCheck {
    private static final List<Dense.Shape> SHAPES = List.of(
            new Dense.Shape(1, 1, 1, Activation.RELU), new Dense.Shape(3, 37, 1, Activation.LINEAR),
            new Dense.Shape(37, 3, 37, Activation.RELU), new Dense.Shape(129, 129, 129, Activation.LINEAR),
            new Dense.Shape(1, 129, 3, Activation.RELU), new Dense.Shape(1, 1, 1, Activation.TANH),
            new Dense.Shape(37, 3, 37, Activation.TANH), new Dense.Shape(129, 129, 129, Activation.TANH),
            new Dense.Shape(128, 128, 1384, Activation.RELU), new Dense.Shape(128, 38, 1384, Activation.LINEAR));

    static List<Check.Case> forward() {
        return Check.Case.besideOracle(SHAPES, DenseCheck::title, (shape, memory, results) -> results.close("output",
                Layer.on(memory, shape).output.read()));
    }

    static List<Check.Case> backward() {
        return Check.Case.besideOracle(SHAPES, DenseCheck::title, DenseCheck::backward);
    }

    private static String title(Dense.Shape shape) {
        return shape.inputs() + " to " + shape.outputs() + ", " + shape.rows() + " rows"
                + (shape.activation() == Activation.LINEAR ? "" : ", " + shape.activation().title());
    }

    private record Layer(Dense dense, Matrix weights, Matrix input, Matrix output) {
        static Layer on(TrialMemory memory, Dense.Shape shape) {
            int in = shape.inputs();
            int out = shape.outputs();
            Matrix weights = memory.flat(memory.operations().denseLayout(in, out), OFFSET, List.of(
                    random(1, in * out, 1 / Math.sqrt(in)), random(2, out, 0.5)));
            Dense dense = memory.operations().dense(memory.memory(), shape, OFFSET);
            Matrix input = memory.matrix(shape.rows(), in, random(4, shape.rows() * in, 1));
            Matrix output = memory.matrix(shape.rows(), out);
            dense.forward(weights, input, output);
            return new Layer(dense, weights, input, output);
        }
    }

    private static void backward(Dense.Shape shape, TrialMemory memory, Check.Results results) {
        int rows = shape.rows();
        int in = shape.inputs();
        int out = shape.outputs();
        Layer layer = Layer.on(memory, shape);
        try (TrialMemory oracle = TrialMemory.oracle(memory.precision())) {
            // If an output is nearly 0, rounding would decide whether the ReLU passes a gradient.
            layer.output.write(Layer.on(oracle, shape).output.read());
        }
        Matrix gradients = memory.flat(random(3, layer.weights.columns(), 9));
        Matrix inputGradient = memory.matrix(rows, in, random(5, rows * in, 9));
        Matrix outputGradient = memory.matrix(rows, out, random(6, rows * out, 1));
        layer.dense.backward(layer.weights, layer.input, layer.output, outputGradient, inputGradient, gradients);
        results.close("input's gradient", inputGradient.read());
        results.exact("elements before the layer's", Arrays.copyOf(gradients.read(), OFFSET));
        double[][] tensors = memory.operations().denseLayout(in, out).unpack(gradients.read(), OFFSET);
        results.close("kernel's gradient", tensors[0]);
        results.close("bias' gradient", tensors[1]);
    }
}
