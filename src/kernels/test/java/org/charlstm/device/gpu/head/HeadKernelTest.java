package org.charlstm.device.gpu.head;

import static org.charlstm.selftest.TrialMemory.random;
import static org.charlstm.selftest.TrialMemory.randomIds;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.Agreement;
import org.charlstm.circle.Sampled;
import org.charlstm.cuda.CudaType;
import org.charlstm.device.Activation;
import org.charlstm.device.Doubles;
import org.charlstm.device.Ints;
import org.charlstm.device.Matrix;
import org.charlstm.device.Operations;
import org.charlstm.device.Padding;
import org.charlstm.device.gpu.EveryOrder;
import org.charlstm.device.gpu.Gpu;
import org.charlstm.device.gpu.tools.DenseLayout;
import org.charlstm.device.gpu.tools.GpuMemory;
import org.charlstm.device.spi.Head;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** A head in one kernel, held to loops in double on sizes odd and even, in every order. */
@Tag("long")
@EveryOrder
@Needs(Need.GPU)
public class HeadKernelTest {
    /** Something else lies before the weights and must stay untouched. */
    private static final int OFFSET = 64;

    /** Inputs of the head, and its results in double. */
    private static final class Expected {
        final Head.Shape shape;
        final CudaType type;
        final int rows;
        final double[] input;
        final int[] targets;
        final double[] weights;
        final double[] inputGradient;
        final double[] gradients;
        double loss;
        double realLoss;
        int hits;

        Expected(Head.Shape shape, CudaType type) {
            this.shape = shape;
            this.type = type;
            int inputs = shape.inputs();
            int units = shape.units();
            int symbols = shape.symbols();
            DenseLayout first = new DenseLayout(inputs, units);
            DenseLayout second = new DenseLayout(units, symbols);
            rows = shape.rows();
            input = sixtyFourths(random(1, rows * inputs, 1));
            targets = randomIds(2, rows, symbols);
            for (int row = 4; row < rows; row += 5) {
                targets[row] = Padding.NONE;
            }
            for (int row = 2; row < rows; row += 7) {
                targets[row] = targets[row] == Padding.NONE ? Padding.NONE : Padding.COUNTED.target(targets[row]);
            }
            weights = new double[OFFSET + first.size() + second.size()];
            first.pack(new double[][] {sixtyFourths(random(3, inputs * units, 0.5)), random(4, units, 0.5)}, weights,
                    OFFSET);
            int next = OFFSET + first.size();
            second.pack(new double[][] {sixtyFourths(random(5, units * symbols, 0.5)), random(6, symbols, 0.5)},
                    weights,
                    next);
            inputGradient = new double[rows * inputs];
            gradients = new double[weights.length];
            for (int row = 0; row < rows; row++) {
                row(row, OFFSET + first.offset(1), next, next + second.offset(1));
            }
        }

        /** As what is a factor is kept. */
        private double kept(double value) {
            if (type == CudaType.FLOAT32) {
                return value;
            }
            int bits = Float.floatToIntBits((float) value);
            return Float.intBitsToFloat((bits + 0x7fff + (bits >>> 16 & 1)) & 0xffff0000);
        }

        /** Values that bf16 can hold. */
        private static double[] sixtyFourths(double[] values) {
            return Arrays.stream(values).map(value -> Math.rint(value * 64) / 64).toArray();
        }

        int counted() {
            return (int) Arrays.stream(targets).filter(target -> target != Padding.NONE).count();
        }

        int real() {
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
                a[d] = kept(switch (shape.activation()) {
                    case LINEAR -> sum;
                    case RELU -> Math.max(0, sum);
                    case TANH -> Math.tanh(sum);
                });
            }
            double[] p = new double[symbols];
            for (int v = 0; v < symbols; v++) {
                p[v] = weights[secondBias + v];
                for (int d = 0; d < units; d++) {
                    p[v] += a[d] * weights[next + d * symbols + v];
                }
            }
            int target = Padding.id(targets[row]);
            if (target < 0) {
                return;
            }
            double max = Arrays.stream(p).max().orElseThrow();
            double sum = Arrays.stream(p).map(z -> Math.exp(z - max)).sum();
            double own = Math.log(sum) + max - p[target];
            loss += own;
            realLoss += targets[row] >= 0 ? own : 0;
            hits += IntStream.range(0, symbols).filter(v -> p[v] == max).findFirst().orElseThrow() == target ? 1 : 0;
            double[] da = new double[units];
            for (int v = 0; v < symbols; v++) {
                double dz = kept((Math.exp(p[v] - max) / sum - (v == target ? 1 : 0)) / counted());
                gradients[secondBias + v] += dz;
                for (int d = 0; d < units; d++) {
                    gradients[next + d * symbols + v] += a[d] * dz;
                    da[d] += dz * weights[next + d * symbols + v];
                }
            }
            for (int d = 0; d < units; d++) {
                double dz = kept(da[d] * switch (shape.activation()) {
                    case LINEAR -> 1;
                    case RELU -> a[d] > 0 ? 1 : 0;
                    case TANH -> 1 - a[d] * a[d];
                });
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
        static Result of(Expected given, List<Integer> parts) {
            try (Gpu gpu = Gpu.having(given.type == CudaType.BFLOAT16 ? 80 : 75);
                    GpuMemory memory = new GpuMemory(gpu.context(), given.type)) {
                Head head = new GpuHead(gpu.context(), gpu.kernels(), memory, given.type, given.shape, OFFSET);
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
                Doubles totals = memory.doubles(Operations.TOTALS);
                totals.write(new double[] {5, 7, 9, 11, 13});
                parts.forEach(part -> head.run(weights, input, targets, count, inputGradient, part));
                head.finish(totals, gradients);
                return new Result(totals.read(), inputGradient.read(), gradients.read());
            }
        }
    }

    private static void agree(Expected expected, Result actual) {
        boolean bf16 = expected.type == CudaType.BFLOAT16;
        // A few values lie where another order of sums rounds them to the next bf16.
        double tolerance = bf16 ? 1e-3 : 2e-6;
        Agreement.require("loss", new double[] {expected.loss}, new double[] {actual.totals[0] - 5}, tolerance);
        assertEquals(expected.counted() + 9, actual.totals[2], "rows");
        Agreement.require("loss without padding", new double[] {expected.realLoss},
                new double[] {actual.totals[3] - 11}, tolerance);
        assertEquals(expected.real() + 13, actual.totals[4], "rows that are no padding");
        Agreement.require("dx", expected.inputGradient, actual.inputGradient, bf16 ? 0x1p-7 : tolerance);
        assertArrayEquals(random(7, OFFSET, 9), Arrays.copyOf(actual.gradients, OFFSET));
        int[] sizes = {expected.shape.inputs(), expected.shape.units(), expected.shape.symbols()};
        int at = OFFSET;
        for (int layer = 0; layer < 2; layer++) {
            DenseLayout layout = new DenseLayout(sizes[layer], sizes[layer + 1]);
            double[][] wanted = layout.unpack(expected.gradients, at);
            double[][] got = layout.unpack(actual.gradients, at);
            Agreement.require("the kernel's gradient", wanted[0], got[0], tolerance);
            Agreement.require("the bias' gradient", wanted[1], got[1], tolerance);
            at += layout.size();
        }
    }

    /**
     * Fewer rows than a block takes, whole tiles, a part of one, several; columns of a part of a thread's, and all. Of
     * many parts each has one block, which takes the last one's rows in several tiles.
     */
    @ParameterizedTest
    @CsvSource({"1,1,1,1,LINEAR", "7,5,3,2,TANH", "64,64,16,38,RELU", "65,33,65,65,RELU", "19,128,128,128,TANH",
        "75,128,128,38,RELU", "75,37,70,1,TANH", "34,24,127,48,LINEAR", "75,66,2,2,RELU", "75,16,33,49,TANH",
        "75,4,100,66,LINEAR", "21,126,125,38,TANH"})
    @Sampled(every = 4)
    void bothKernelsFollowTheFormulas(int rows, int inputs, int units, int symbols, Activation activation) {
        List<Integer> parts = rows < 75 ? List.of(rows) : List.of(1, 1, 1, 1, 1, 1, 1, rows - 7);
        Head.Shape shape = new Head.Shape(inputs, units, symbols, activation, parts);
        for (CudaType type : List.of(CudaType.FLOAT32, CudaType.BFLOAT16)) {
            Expected expected = new Expected(shape, type);
            Result actual = Result.of(expected, IntStream.range(0, parts.size()).boxed().toList());
            agree(expected, actual);
            assertEquals(expected.hits + 7, actual.totals[1], "hits");
        }
    }

    /** Of one row, of less than a tile, of several blocks; in whatever order they are run. */
    @ParameterizedTest
    @EnumSource(names = {"FLOAT32", "BFLOAT16"})
    void partsGiveTheSameBitsInAnyOrder(CudaType type) {
        Head.Shape shape = new Head.Shape(24, 33, 38, Activation.RELU, List.of(21, 1, 70, 90));
        Expected expected = new Expected(shape, type);
        Result forward = Result.of(expected, List.of(0, 1, 2, 3));
        agree(expected, forward);
        Result mixed = Result.of(expected, List.of(2, 0, 3, 1));
        assertArrayEquals(forward.totals, mixed.totals);
        assertArrayEquals(forward.inputGradient, mixed.inputGradient);
        assertArrayEquals(forward.gradients, mixed.gradients);
    }

    /** Where all logits are alike, the first symbol is the prediction. */
    @ParameterizedTest
    @EnumSource(names = {"FLOAT32", "BFLOAT16"})
    void theLowestOfEqualsIsThePrediction(CudaType type) {
        Expected given = new Expected(new Head.Shape(3, 5, 40, Activation.LINEAR, List.of(50)), type);
        Arrays.fill(given.weights, 0);
        Arrays.fill(given.targets, 0, 20, 0);
        long firsts = Arrays.stream(given.targets).filter(target -> target == 0).count();
        Result result = Result.of(given, List.of(0));
        assertEquals(firsts + 7.0, result.totals[1]);
        assertEquals(given.counted() * Math.log(40) + 5, result.totals[0], 1e-4);
    }

    /** Far apart, as exp() of them alone could not be told. */
    @ParameterizedTest
    @EnumSource(names = {"FLOAT32", "BFLOAT16"})
    void logitsMayBeFarApart(CudaType type) {
        Expected given = new Expected(new Head.Shape(3, 5, 70, Activation.LINEAR, List.of(20)), type);
        Arrays.fill(given.weights, 0);
        Arrays.fill(given.targets, 3);
        DenseLayout first = new DenseLayout(3, 5);
        int bias = OFFSET + first.size() + new DenseLayout(5, 70).offset(1);
        given.weights[bias + 68] = 1e4;
        given.weights[bias + 3] = -1e4;
        Result result = Result.of(given, List.of(0));
        assertArrayEquals(new double[] {20 * 2e4 + 5, 7, 29, 20 * 2e4 + 11, 33}, result.totals);
        assertEquals(1, result.gradients[bias + 68], 1e-2);
        assertEquals(-1, result.gradients[bias + 3], 1e-2);
    }

    /** In the loss, in its own row of the gradient and in all of the weights' that it is part of. */
    @ParameterizedTest
    @EnumSource(names = {"FLOAT32", "BFLOAT16"})
    void whatIsNoNumberStaysNone(CudaType type) {
        Head.Shape shape = new Head.Shape(3, 5, 4, Activation.RELU, List.of(40));
        Expected given = new Expected(shape, type);
        given.input[22 * 3 + 1] = Double.NaN;
        Result result = Result.of(given, List.of(0));
        assertTrue(Double.isNaN(result.totals[0]));
        for (int i = 0; i < result.inputGradient.length; i++) {
            assertEquals(i / 3 == 22, Double.isNaN(result.inputGradient[i]), "dx " + i);
        }
        for (int i = 0; i < 15; i++) {
            assertTrue(Double.isNaN(result.gradients[OFFSET + i]), "dW1 " + i);
        }
    }

    /** Shapes that have no room in a block, or that the kernels do not take, are left to the layers. */
    @Test
    void whatDoesNotFitIsNotOffered() {
        try (Gpu gpu = Gpu.open()) {
            for (int[] sizes : new int[][] {{129, 8, 8}, {8, 129, 8}, {8, 8, 129}}) {
                Head.Shape shape = new Head.Shape(sizes[0], sizes[1], sizes[2], Activation.RELU, List.of(3));
                for (CudaType type : List.of(CudaType.FLOAT32, CudaType.BFLOAT16)) {
                    assertEquals(Optional.of("one launch takes at most 128 columns, not 129"),
                            GpuHead.obstacle(gpu.context(), type, shape));
                }
            }
        }
        Head.Shape lab = new Head.Shape(128, 128, 38, Activation.RELU, List.of(22144));
        Head.Shape most = new Head.Shape(128, 128, 128, Activation.RELU, List.of(22144));
        // Compute capability 8.0, 8.6 and 12.0, 9.0 and 10.0.
        int[] given = {163 << 10, 99 << 10, 227 << 10};
        boolean[] fits = {true, false, true};
        for (int i = 0; i < given.length; i++) {
            for (Head.Shape shape : List.of(lab, most)) {
                assertEquals(fits[i], GpuHead.Tiles.float32(shape).fit(given[i]));
                assertTrue(GpuHead.Tiles.bfloat16(shape).fit(given[i]));
            }
        }
        assertEquals(new GpuHead.Tiles.Launch(168, 56, 132, 160832),
                GpuHead.Tiles.float32(lab).launch(22144, 132, 227 << 10));
        assertEquals(new GpuHead.Tiles.Launch(168, 64, 132, 124608),
                GpuHead.Tiles.bfloat16(lab).launch(22144, 132, 227 << 10));
    }
}
