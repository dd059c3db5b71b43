package org.charlstm.device.gpu.rnn;

import static org.charlstm.selftest.TrialMemory.random;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import module java.base;
import org.charlstm.cuda.CudaType;
import org.charlstm.cuda.Precision;
import org.charlstm.cuda.RnnWeights;
import org.charlstm.cuda.SimulatedGpu;
import org.charlstm.cuda.SimulatedGpu.Traffic;
import org.charlstm.device.RecurrentActivation;
import org.charlstm.device.RecurrentCell;
import org.charlstm.device.Rnn;
import org.charlstm.device.Rnn.InputShape;
import org.charlstm.device.WeightLayout;
import org.charlstm.device.gpu.EveryOrder;
import org.charlstm.device.gpu.Gpu;
import org.charlstm.device.gpu.tools.Kernel;
import org.charlstm.device.gpu.tools.Kernels;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Weights on their way between Keras' tensors and cuDNN's gates, element by element. */
@EveryOrder
@Needs(Need.GPU)
public class RnnWeightsKernelTest {
    /** Between what belongs to one gate and to the next. */
    private static final int GAP = 3;

    /** cuDNN's gates in the order of Keras' columns. */
    private static List<String> gates(RecurrentCell cell) {
        return switch (cell.name()) {
            case LSTM -> List.of("i", "f", "c", "o");
            case GRU -> List.of("z", "r", "n");
            case RNN, RNN_RELU -> List.of("h");
        };
    }

    /** Matrices and biases in an order of their own, with gaps. */
    private static CudnnWeights.Layout layout(Rnn.Layers layers, CudaType type) {
        List<String> gates = gates(layers.cell());
        int each = 2 * gates.size();
        int[] at = {GAP};
        List<RnnWeights.Weight> weights = IntStream.range(0, each * layers.count())
                .map(i -> each * layers.count() - 1 - i).mapToObj(i -> {
                    boolean input = i % each < gates.size();
                    int columns = input ? layers.inputs(i / each) : layers.hidden();
                    long bias = at[0];
                    long matrix = bias + layers.hidden() + GAP;
                    at[0] = Math.toIntExact(matrix + GAP + (long) layers.hidden() * columns);
                    return new RnnWeights.Weight((input ? "W_" : "R_") + gates.get(i % gates.size()), i / each, false,
                            matrix, layers.hidden(), columns, bias);
                }).toList();
        return new CudnnWeights.Layout(layers, type, new RnnWeights(at[0], weights));
    }

    /** Each gate of cuDNN's by Keras' tensors; NaN where nothing belongs. */
    private static double[] expected(CudnnWeights.Layout layout, double[][] tensors) {
        Rnn.Layers layers = layout.layers();
        int hidden = layers.hidden();
        double[] space = new double[Math.toIntExact(layout.weights().count())];
        Arrays.fill(space, Double.NaN);
        for (RnnWeights.Weight gate : layout.weights().all()) {
            int l = gate.layer();
            int matrix = Math.toIntExact(gate.matrix());
            int bias = Math.toIntExact(gate.bias());
            int row = gate.name().startsWith("W_") ? 0 : 1;
            for (int j = 0; j < hidden; j++) {
                int column = gates(layers.cell()).indexOf(gate.name().substring(2)) * hidden + j;
                for (int v = 0; v < gate.columns(); v++) {
                    space[matrix + j * gate.columns() + v] = tensors[3 * l + row][v * layers.width() + column];
                }
                space[bias + j] = row < layers.cell().biasRows() ? tensors[3 * l + 2][row * layers.width() + column]
                        : 0;
            }
        }
        return space;
    }

    @ParameterizedTest
    @CsvSource({"LSTM, 1, 1, 1, false", "LSTM, 5, 3, 1, true", "LSTM, 33, 37, 1, false", "LSTM, 70, 8, 2, false",
        "LSTM, 2, 33, 3, true", "LSTM, 64, 32, 1, false", "GRU, 1, 1, 1, true", "GRU, 33, 37, 1, false",
        "GRU, 2, 33, 3, true", "RNN, 5, 3, 1, true", "RNN, 70, 8, 2, false"})
    void thereAndBack(RecurrentCell.Named cell, int symbols, int hidden, int count, boolean bf16) {
        Rnn.Layers layers = new Rnn.Layers(InputShape.ofIds(symbols), hidden, count,
                cell.with(RecurrentActivation.SIGMOID, true));
        int width = layers.width();
        CudnnWeights.Layout layout = layout(layers, CudaType.ofActivations(bf16 ? Precision.BF16 : Precision.FLOAT32));
        WeightLayout keras = RnnLayout.of(layers);
        double[][] tensors = IntStream.range(0, 3 * count).mapToObj(i -> {
            int rows = i % 3 == 2 ? layers.cell().biasRows() : i > 0 ? hidden : symbols;
            double[] values = random(i, rows * width, 1);
            // Values that bf16 can hold.
            return Arrays.stream(values).map(value -> Math.rint(64 * value) / 64).toArray();
        }).toArray(double[][]::new);
        double[] flat = new double[keras.size()];
        keras.pack(tensors, flat, 0);
        int parameters = Arrays.stream(tensors).mapToInt(tensor -> tensor.length).sum();
        int most = Math.max(symbols, hidden);
        int tiles = Math.ceilDiv(most, 32) * Math.ceilDiv(hidden, 32);
        int blocks = layout.weights().all().size() * tiles;
        int zeros = layers.cell().biasRows() == 2 ? 0 : count * width;
        double[] expected = expected(layout, tensors);
        try (Gpu gpu = Gpu.open()) {
            double[] nothing = new double[expected.length];
            Arrays.fill(nothing, Double.NaN);
            long space = gpu.numbers(bf16, nothing);
            long places = gpu.ints(layout.places());
            long weights = gpu.floats(flat);
            Traffic before = SimulatedGpu.traffic(Kernel.RNN_WEIGHTS.entry());
            gpu.launch(Kernel.RNN_WEIGHTS, blocks, Kernels.WARP, 8, weights, space, places, hidden, width, tiles, 0,
                    bf16 ? 1 : 0);
            assertEquals((bf16 ? 2L : 4L) * (parameters + zeros),
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
            gpu.launch(Kernel.RNN_WEIGHTS, blocks, Kernels.WARP, 8, gradients, gpu.numbers(bf16, full), places, hidden,
                    width, tiles, 1, bf16 ? 1 : 0);
            assertEquals(4L * parameters, SimulatedGpu.traffic(Kernel.RNN_WEIGHTS.entry()).since(before).written());
            assertArrayEquals(wanted, gpu.readFloats(gradients, wanted.length));
        }
    }
}
