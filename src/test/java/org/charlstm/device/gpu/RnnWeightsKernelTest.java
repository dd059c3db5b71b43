package org.charlstm.device.gpu;

import static org.charlstm.selftest.TrialMemory.random;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.charlstm.cuda.CudaType;
import org.charlstm.cuda.Precision;
import org.charlstm.cuda.RnnWeights;
import org.charlstm.device.Rnn;
import org.charlstm.device.Rnn.InputShape;
import org.charlstm.device.WeightLayout;
import org.charlstm.device.gpu.SimulatedGpu.Traffic;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Weights on their way between Keras' tensors and cuDNN's gates, element by element. */
@EveryOrder
@Needs(Need.GPU)
class RnnWeightsKernelTest {
    /** Between what belongs to one gate and to the next. */
    private static final int GAP = 3;

    /** Matrices and biases in an order of their own, with gaps. */
    private static CudnnWeights.Layout layout(Rnn.Layers layers, CudaType type) {
        int[] at = {GAP};
        List<RnnWeights.Weight> gates = IntStream.range(0, 8 * layers.count()).map(i -> 8 * layers.count() - 1 - i)
                .mapToObj(i -> {
                    long bias = at[0];
                    long matrix = bias + layers.hidden() + GAP;
                    at[0] = Math.toIntExact(matrix + GAP
                            + (long) layers.hidden() * (i % 8 < 4 ? layers.inputs(i / 8) : layers.hidden()));
                    return new RnnWeights.Weight("", i / 8, false, matrix, layers.hidden(), layers.inputs(i / 8), bias);
                }).toList().reversed();
        return new CudnnWeights.Layout(layers, type, new RnnWeights(at[0], gates));
    }

    /** Each gate of cuDNN's by Keras' tensors; NaN where nothing belongs. */
    private static double[] expected(CudnnWeights.Layout layout, double[][] tensors) {
        Rnn.Layers layers = layout.layers();
        int hidden = layers.hidden();
        double[] space = new double[Math.toIntExact(layout.weights().count())];
        Arrays.fill(space, Double.NaN);
        for (int l = 0; l < layers.count(); l++) {
            for (int i = 0; i < 8; i++) {
                RnnWeights.Weight gate = layout.weights().all().get(8 * l + i);
                int matrix = Math.toIntExact(gate.matrix());
                int bias = Math.toIntExact(gate.bias());
                int inputs = i < 4 ? layers.inputs(l) : hidden;
                for (int j = 0; j < hidden; j++) {
                    int column = i % 4 * hidden + j;
                    for (int v = 0; v < inputs; v++) {
                        space[matrix + j * inputs + v] = tensors[3 * l + i / 4][v * 4 * hidden + column];
                    }
                    space[bias + j] = i < 4 ? tensors[3 * l + 2][column] : 0;
                }
            }
        }
        return space;
    }

    @ParameterizedTest
    @CsvSource({"1, 1, 1, false", "5, 3, 1, true", "33, 37, 1, false", "70, 8, 2, false", "2, 33, 3, true",
        "64, 32, 1, false"})
    void thereAndBack(int symbols, int hidden, int count, boolean bf16) {
        Rnn.Layers layers = new Rnn.Layers(InputShape.ofIds(symbols), hidden, count);
        CudnnWeights.Layout layout = layout(layers, CudaType.ofActivations(bf16 ? Precision.BF16 : Precision.FLOAT32));
        WeightLayout keras = RnnLayout.of(layers);
        double[][] tensors = IntStream.range(0, 3 * count).mapToObj(i -> {
            double[] values = random(i, (i % 3 == 2 ? 1 : i % 3 == 1 || i > 0 ? hidden : symbols) * 4 * hidden, 1);
            // Values that bf16 can hold.
            return Arrays.stream(values).map(value -> Math.rint(64 * value) / 64).toArray();
        }).toArray(double[][]::new);
        double[] flat = new double[keras.size()];
        keras.pack(tensors, flat, 0);
        int parameters = Arrays.stream(tensors).mapToInt(tensor -> tensor.length).sum();
        int most = Math.max(symbols, hidden);
        int tiles = Math.ceilDiv(most, 32) * Math.ceilDiv(hidden, 32);
        double[] expected = expected(layout, tensors);
        try (Gpu gpu = Gpu.open()) {
            double[] nothing = new double[expected.length];
            Arrays.fill(nothing, Double.NaN);
            long space = gpu.numbers(bf16, nothing);
            long places = gpu.ints(layout.places());
            long weights = gpu.floats(flat);
            Traffic before = SimulatedGpu.traffic(Kernel.RNN_WEIGHTS.entry());
            gpu.launch(Kernel.RNN_WEIGHTS, 8 * count * tiles, Kernels.WARP, 8, weights, space, places, hidden, tiles,
                    0, bf16 ? 1 : 0);
            assertEquals((bf16 ? 2 : 4) * (parameters + 4L * count * hidden),
                    SimulatedGpu.traffic(Kernel.RNN_WEIGHTS.entry()).since(before).written());
            assertArrayEquals(expected, gpu.readNumbers(bf16, space, expected.length));
            double[] filled = new double[flat.length];
            Arrays.fill(filled, 7);
            long gradients = gpu.floats(filled);
            // The gradients of biases that Keras does not have go nowhere.
            double[] full = Arrays.stream(expected).map(value -> value == 0 ? 5 : value).toArray();
            double[] wanted = Arrays.copyOf(filled, filled.length);
            for (double[] tensor : tensors) {
                Arrays.setAll(tensor, i -> tensor[i] == 0 ? 5 : tensor[i]);
            }
            keras.pack(tensors, wanted, 0);
            before = SimulatedGpu.traffic(Kernel.RNN_WEIGHTS.entry());
            gpu.launch(Kernel.RNN_WEIGHTS, 8 * count * tiles, Kernels.WARP, 8, gradients, gpu.numbers(bf16, full),
                    places, hidden, tiles, 1, bf16 ? 1 : 0);
            assertEquals(4L * parameters, SimulatedGpu.traffic(Kernel.RNN_WEIGHTS.entry()).since(before).written());
            assertArrayEquals(wanted, gpu.readFloats(gradients, wanted.length));
        }
    }
}
