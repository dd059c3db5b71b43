package org.charlstm.selftest;

import static org.charlstm.selftest.TrialMemory.random;

import java.util.Arrays;
import java.util.List;
import org.charlstm.device.Activation;
import org.charlstm.device.Dense;
import org.charlstm.device.Matrix;
import org.charlstm.device.WeightLayout;

/** The dense layer, with each activation. */
final class DenseCheck {
    /** Something else lies before the layer's weights and must stay untouched. */
    private static final int OFFSET = 32;
    private static final List<Dense.Shape> SHAPES = List.of(
            new Dense.Shape(1, 1, 1, Activation.RELU), new Dense.Shape(3, 37, 1, Activation.LINEAR),
            new Dense.Shape(37, 3, 37, Activation.RELU), new Dense.Shape(129, 129, 129, Activation.LINEAR),
            new Dense.Shape(1, 129, 3, Activation.RELU), new Dense.Shape(1, 1, 1, Activation.TANH),
            new Dense.Shape(37, 3, 37, Activation.TANH), new Dense.Shape(129, 129, 129, Activation.TANH),
            new Dense.Shape(128, 128, 1384, Activation.RELU), new Dense.Shape(128, 38, 1384, Activation.LINEAR));

    /** A layer on one device after its forward pass. */
    private record Layer(TrialMemory scope, Dense.Shape shape, Dense dense, Matrix weights, Matrix input,
            Matrix output) {
        static Layer on(TrialMemory scope, Dense.Shape shape) {
            int in = shape.inputs();
            int out = shape.outputs();
            Matrix weights = scope.flat(scope.operations().denseLayout(in, out), OFFSET, List.of(
                    random(1, in * out, 1 / Math.sqrt(in)), random(2, out, 0.5)));
            Dense dense = scope.operations().dense(scope.memory(), shape, OFFSET);
            Matrix input = scope.matrix(shape.rows(), in, random(4, shape.rows() * in, 1));
            Matrix output = scope.matrix(shape.rows(), out);
            dense.forward(weights, input, output);
            return new Layer(scope, shape, dense, weights, input, output);
        }

        /** The input's gradient and the flat gradients, where something else was before. */
        double[][] backward() {
            int rows = shape.rows();
            Matrix gradients = scope.flat(random(3, weights.columns(), 9));
            Matrix inputGradient = scope.matrix(rows, shape.inputs(), random(5, rows * shape.inputs(), 9));
            dense.backward(weights, input, output,
                    scope.matrix(rows, shape.outputs(), random(6, rows * shape.outputs(), 1)), inputGradient,
                    gradients);
            return new double[][] {inputGradient.read(), gradients.read()};
        }

        double[][] unpack(double[] flat) {
            WeightLayout layout = scope.operations().denseLayout(shape.inputs(), shape.outputs());
            return layout.unpack(flat, OFFSET);
        }
    }

    private DenseCheck() {
    }

    static List<Check> of(Tolerances tolerances) {
        return List.of(
                new Check("dense forward", tolerances.operation(),
                        cases((expected, actual, comparison) -> comparison.agree("output", expected.output.read(),
                                actual.output.read()))),
                new Check("dense backward", tolerances.operation(), cases(DenseCheck::backward)));
    }

    private interface Pass {
        void compare(Layer expected, Layer actual, Comparison comparison);
    }

    private static List<Check.Case> cases(Pass pass) {
        return SHAPES.stream().map(shape -> new Check.Case(shape.inputs() + " to " + shape.outputs() + ", "
                + shape.rows() + " rows"
                + (shape.activation() == Activation.LINEAR ? "" : ", " + shape.activation().title()),
                (scope, oracle, comparison) -> pass.compare(Layer.on(oracle, shape), Layer.on(scope, shape),
                        comparison)))
                .toList();
    }

    /** From one output: where it is nearly 0, a rounding would decide whether the ReLU lets a gradient through. */
    private static void backward(Layer expected, Layer actual, Comparison comparison) {
        actual.output.write(expected.output.read());
        double[][] wanted = expected.backward();
        double[][] got = actual.backward();
        comparison.agree("input's gradient", wanted[0], got[0]);
        comparison.same("elements before the layer's", random(3, OFFSET, 9), Arrays.copyOf(got[1], OFFSET));
        double[][] wantedTensors = expected.unpack(wanted[1]);
        double[][] gotTensors = actual.unpack(got[1]);
        comparison.agree("kernel's gradient", wantedTensors[0], gotTensors[0]);
        comparison.agree("bias' gradient", wantedTensors[1], gotTensors[1]);
    }
}
