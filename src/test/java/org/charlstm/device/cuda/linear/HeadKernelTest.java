package org.charlstm.device.cuda.linear;

import static org.charlstm.selftest.TrialMemory.random;
import static org.charlstm.selftest.TrialMemory.randomIds;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.charlstm.Agreement;
import org.charlstm.device.Activation;
import org.charlstm.device.Doubles;
import org.charlstm.device.Head;
import org.charlstm.device.HeadShape;
import org.charlstm.device.Ints;
import org.charlstm.device.Matrix;
import org.charlstm.device.cuda.EveryOrder;
import org.charlstm.device.cuda.Gpu;
import org.charlstm.device.cuda.binding.CudaType;
import org.charlstm.device.cuda.memory.CudaMemory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A head in one kernel, held to loops in double on sizes odd and even, in every order. */
@EveryOrder
class HeadKernelTest {
    /** Something else lies before the weights and must stay untouched. */
    private static final int OFFSET = 64;

    /** What there is to compute from, and, in double, what comes of it. */
    private static final class Expected {
        final HeadShape shape;
        final int rows;
        final double[] input;
        final int[] targets;
        final double[] weights;
        final double[] inputGradient;
        final double[] gradients;
        double loss;
        int hits;

        Expected(HeadShape shape) {
            this.shape = shape;
            int inputs = shape.inputs();
            int units = shape.units();
            int symbols = shape.symbols();
            CudaLinearLayout first = new CudaLinearLayout(inputs, units);
            CudaLinearLayout second = new CudaLinearLayout(units, symbols);
            rows = shape.firstRow(shape.parts().size());
            input = eighths(random(1, rows * inputs, 1));
            targets = randomIds(2, rows, symbols);
            for (int row = 4; row < rows; row += 5) {
                targets[row] = -1;
            }
            weights = new double[OFFSET + first.size() + second.size()];
            first.pack(new double[][] {eighths(random(3, inputs * units, 0.5)), random(4, units, 0.5)}, weights,
                    OFFSET);
            int next = OFFSET + first.size();
            second.pack(new double[][] {eighths(random(5, units * symbols, 0.5)), random(6, symbols, 0.5)}, weights,
                    next);
            inputGradient = new double[rows * inputs];
            gradients = new double[weights.length];
            for (int row = 0; row < rows; row++) {
                row(row, OFFSET + first.biasOffset(), next, next + second.biasOffset());
            }
        }

        /** Values that bf16 can hold. */
        private static double[] eighths(double[] values) {
            return Arrays.stream(values).map(value -> Math.rint(value * 64) / 64).toArray();
        }

        int counted() {
            return (int) Arrays.stream(targets).filter(target -> target >= 0).count();
        }

        private void row(int row, int firstBias, int next, int secondBias) {
            int inputs = shape.inputs();
            int units = shape.units();
            int symbols = shape.symbols();
            double[] a = new double[units];
            for (int d = 0; d < units; d++) {
                double sum = weights[firstBias + d];
                for (int h = 0; h < inputs; h++) {
                    sum += input[row * inputs + h] * weights[OFFSET + h * units + d];
                }
                a[d] = switch (shape.activation()) {
                    case LINEAR -> sum;
                    case RELU -> Math.max(0, sum);
                    case TANH -> Math.tanh(sum);
                };
            }
            double[] p = new double[symbols];
            for (int v = 0; v < symbols; v++) {
                p[v] = weights[secondBias + v];
                for (int d = 0; d < units; d++) {
                    p[v] += a[d] * weights[next + d * symbols + v];
                }
            }
            int target = targets[row];
            if (target < 0) {
                return;
            }
            double max = Arrays.stream(p).max().orElseThrow();
            double sum = Arrays.stream(p).map(z -> Math.exp(z - max)).sum();
            loss += Math.log(sum) + max - p[target];
            hits += IntStream.range(0, symbols).filter(v -> p[v] == max).findFirst().orElseThrow() == target ? 1 : 0;
            double[] da = new double[units];
            for (int v = 0; v < symbols; v++) {
                double dz = (Math.exp(p[v] - max) / sum - (v == target ? 1 : 0)) / counted();
                gradients[secondBias + v] += dz;
                for (int d = 0; d < units; d++) {
                    gradients[next + d * symbols + v] += a[d] * dz;
                    da[d] += dz * weights[next + d * symbols + v];
                }
            }
            for (int d = 0; d < units; d++) {
                double dz = da[d] * switch (shape.activation()) {
                    case LINEAR -> 1;
                    case RELU -> a[d] > 0 ? 1 : 0;
                    case TANH -> 1 - a[d] * a[d];
                };
                gradients[firstBias + d] += dz;
                for (int h = 0; h < inputs; h++) {
                    gradients[OFFSET + h * units + d] += input[row * inputs + h] * dz;
                    inputGradient[row * inputs + h] += dz * weights[OFFSET + h * units + d];
                }
            }
        }
    }

    private record Result(double[] totals, double[] inputGradient, double[] gradients) {
        /** With the parts in this order, twice, so that what was there before would show. */
        static Result of(Expected given, CudaType type, List<Integer> parts) {
            try (Gpu gpu = Gpu.open(); CudaMemory memory = new CudaMemory(gpu.context(), type)) {
                Head head = CudaHead.of(gpu.context(), gpu.kernels(), memory, given.shape, OFFSET).orElseThrow();
                Matrix weights = memory.flat(given.weights.length);
                weights.write(given.weights);
                Matrix gradients = memory.flat(given.weights.length);
                gradients.write(random(7, given.weights.length, 9));
                Matrix input = memory.matrix(given.rows, given.shape.inputs());
                input.write(given.input);
                Matrix inputGradient = memory.matrix(given.rows, given.shape.inputs());
                inputGradient.write(random(8, given.input.length, 9));
                Ints targets = memory.ints(given.rows);
                targets.write(given.targets);
                Doubles count = memory.doubles(1);
                count.write(new double[] {given.counted()});
                Doubles totals = memory.doubles(3);
                totals.write(new double[] {5, 7, 9});
                parts.forEach(part -> head.run(weights, input, targets, count, inputGradient, part));
                head.finish(totals, gradients);
                return new Result(totals.read(), inputGradient.read(), gradients.read());
            }
        }
    }

    private static void agree(Expected expected, Result actual, double tolerance) {
        Agreement.require("loss", new double[] {expected.loss}, new double[] {actual.totals[0] - 5}, tolerance);
        assertEquals(expected.counted() + 9, actual.totals[2], "rows");
        Agreement.require("dx", expected.inputGradient, actual.inputGradient, tolerance);
        assertArrayEquals(random(7, OFFSET, 9), Arrays.copyOf(actual.gradients, OFFSET));
        int[] sizes = {expected.shape.inputs(), expected.shape.units(), expected.shape.symbols()};
        int at = OFFSET;
        for (int layer = 0; layer < 2; layer++) {
            CudaLinearLayout layout = new CudaLinearLayout(sizes[layer], sizes[layer + 1]);
            double[][] wanted = layout.unpack(expected.gradients, at);
            double[][] got = layout.unpack(actual.gradients, at);
            Agreement.require("the kernel's gradient", wanted[0], got[0], tolerance);
            Agreement.require("the bias' gradient", wanted[1], got[1], tolerance);
            at += layout.size();
        }
    }

    /** Fewer rows than a block takes, whole tiles, a part of one, several; columns of a part of a thread's, and all. */
    @ParameterizedTest
    @CsvSource({"1,1,1,1,LINEAR", "7,5,3,2,TANH", "64,64,16,38,RELU", "65,33,65,65,RELU", "65,128,128,128,TANH",
        "300,128,128,38,RELU", "300,37,70,1,TANH", "130,4,127,66,LINEAR", "300,66,2,2,RELU"})
    void float32FollowsTheFormulas(int rows, int inputs, int units, int symbols, Activation activation) {
        Expected expected = new Expected(new HeadShape(inputs, units, symbols, activation, List.of(rows)));
        Result actual = Result.of(expected, CudaType.FLOAT32, List.of(0));
        agree(expected, actual, 2e-6);
        assertEquals(expected.hits + 7, actual.totals[1], "hits");
    }
}
