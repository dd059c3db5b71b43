package org.charlstm.selftest;

import static org.charlstm.selftest.TrialMemory.OFFSET;
import static org.charlstm.selftest.TrialMemory.random;
import static org.charlstm.selftest.TrialMemory.randomIds;

import module java.base;
import org.charlstm.cuda.Precision;
import org.charlstm.device.Activation;
import org.charlstm.device.Dense;
import org.charlstm.device.Doubles;
import org.charlstm.device.Ints;
import org.charlstm.device.Matrix;
import org.charlstm.device.Operations;
import org.charlstm.device.WeightLayout;
import org.charlstm.device.spi.Head;

/** Compares a device's head, if the device has this operation, with the oracle's layers computed one by one. */
final class HeadCheck {
    private static final List<Head.Shape> SHAPES = List.of(shape(1, 1, 1, Activation.RELU, 1),
            shape(3, 5, 2, Activation.TANH, 7), shape(37, 16, 38, Activation.RELU, 64),
            shape(16, 37, 65, Activation.LINEAR, 65), shape(128, 128, 38, Activation.RELU, 300),
            shape(127, 128, 128, Activation.TANH, 65), shape(24, 33, 38, Activation.RELU, 21, 1, 43));

    private static Head.Shape shape(int inputs, int units, int symbols, Activation activation, Integer... parts) {
        return new Head.Shape(inputs, units, symbols, activation, List.of(parts));
    }

    static List<Check.Case> head() {
        return SHAPES.stream().map(shape -> new Check.Case("H " + shape.inputs() + ", D " + shape.units() + " "
                + shape.activation().title() + ", V " + shape.symbols() + ", rows " + shape.parts(),
                (device, oracle, comparison) -> compare(shape, device, oracle, comparison))).toList();
    }

    private static void compare(Head.Shape shape, TrialMemory device, TrialMemory oracle, ValueComparison comparison) {
        Optional<Head> head = device.head(shape, OFFSET);
        if (head.isEmpty()) {
            comparison.note("the device computes its layers one by one");
            return;
        }
        Check.Results expected = new Check.Results();
        Buffers layers = new Buffers(oracle, shape);
        layers.runLayers();
        layers.report(expected);
        Buffers asOne = new Buffers(device, shape);
        asOne.run(head.get());
        asOne.report(new Check.Results(expected, comparison));
    }

    /** The input, weights and results of a head in a device's memory. */
    private static final class Buffers {
        private final TrialMemory memory;
        private final Operations operations;
        private final Head.Shape shape;
        private final int rows;
        private final WeightLayout firstLayout;
        private final WeightLayout secondLayout;
        /** The index where the second layer's weights start. */
        private final int second;
        private final Matrix weights;
        private final Matrix gradients;
        private final Matrix input;
        private final Matrix inputGradient;
        private final Ints targets;
        private final Doubles count;
        private final Doubles totals;

        Buffers(TrialMemory memory, Head.Shape shape) {
            this.memory = memory;
            this.shape = shape;
            operations = memory.operations();
            rows = shape.rows();
            firstLayout = operations.denseLayout(shape.inputs(), shape.units());
            secondLayout = operations.denseLayout(shape.units(), shape.symbols());
            second = OFFSET + firstLayout.size();
            double[] values = new double[second + secondLayout.size()];
            firstLayout.pack(new double[][] {coarse(1, shape.inputs() * shape.units(), 0.5),
                coarse(2, shape.units(), 0.5)}, values, OFFSET);
            secondLayout.pack(new double[][] {coarse(3, shape.units() * shape.symbols(), 0.5),
                coarse(4, shape.symbols(), 0.5)}, values, second);
            weights = memory.flat(values);
            gradients = memory.flat(random(5, values.length, 9));
            input = memory.matrix(rows, shape.inputs(), coarse(6, rows * shape.inputs(), 1));
            inputGradient = memory.matrix(rows, shape.inputs(), random(7, rows * shape.inputs(), 9));
            targets = memory.ints(CrossEntropyCheck.marked(randomIds(8, rows, shape.symbols())));
            count = memory.doubles(rows);
            totals = CrossEntropyCheck.totals(memory);
        }

        /** Values of 7 bits: sums are exact, so rounding never decides whether a ReLU passes a gradient. */
        private static double[] coarse(int seed, int length, double scale) {
            return Arrays.stream(random(seed, length, scale)).map(value -> Math.rint(value * 64) / 64).toArray();
        }

        void runLayers() {
            Dense below = operations.dense(memory.memory(),
                    new Dense.Shape(shape.inputs(), shape.units(), rows, shape.activation()), OFFSET);
            Dense top = operations.dense(memory.memory(),
                    new Dense.Shape(shape.units(), shape.symbols(), rows, Activation.LINEAR), second);
            Matrix a = memory.matrix(rows, shape.units());
            Matrix da = memory.matrix(rows, shape.units());
            Matrix logits = memory.matrix(rows, shape.symbols());
            below.forward(weights, input, a);
            top.forward(weights, a, logits);
            operations.crossEntropy(logits, targets, count, logits, totals);
            top.backward(weights, a, logits, logits, da, gradients);
            below.backward(weights, input, a, da, inputGradient, gradients);
        }

        /** Runs the parts in reverse, because their order must not matter. */
        void run(Head head) {
            for (int part = shape.parts().size() - 1; part >= 0; part--) {
                head.run(weights, input, targets, count, inputGradient, part);
            }
            head.finish(totals, gradients);
        }

        void report(Check.Results results) {
            double[] sums = totals.read();
            results.close("loss", sums[0]);
            if (memory.precision() != Precision.BF16) {
                // Rounding to bf16 may decide which of two logits is higher.
                results.exact("hits", sums[1]);
            }
            results.exact("counted", sums[2]);
            results.close("loss without padding", sums[3]);
            results.exact("no padding", sums[4]);
            results.close("input's gradient", inputGradient.read());
            double[] flat = gradients.read();
            results.exact("elements before the head's", Arrays.copyOf(flat, OFFSET));
            double[][] first = firstLayout.unpack(flat, OFFSET);
            double[][] last = secondLayout.unpack(flat, second);
            results.close("first kernel's gradient", first[0]);
            results.close("first bias's gradient", first[1]);
            results.close("second kernel's gradient", last[0]);
            results.close("second bias's gradient", last[1]);
        }
    }
}
