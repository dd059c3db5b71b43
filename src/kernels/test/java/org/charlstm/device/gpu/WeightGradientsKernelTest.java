package org.charlstm.device.gpu;

import static org.charlstm.selftest.TrialMemory.random;
import static org.charlstm.selftest.TrialMemory.randomIds;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.circle.Sampled;
import org.charlstm.device.gpu.tools.Kernel;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The gradients of weights that clusters add up beside their steps, from the gradients of sums that they write. */
@Tag("long")
@EveryOrder
@Needs(Need.GPU)
class WeightGradientsKernelTest {
    /** A cell: its kernel, its gates, and its slots with the gate of each, 15 for none, by the input and before it. */
    enum Cell {
        LSTM(Kernel.LSTM_CLUSTER_BACKWARD, 4, 1, 0x3210, 0x3210, 4),
        GRU(Kernel.GRU_CLUSTER_BACKWARD, 3, 2, 0x2f10, 0xf210, 4),
        ELMAN(Kernel.ELMAN_CLUSTER_BACKWARD, 1, 1, 0, 0, 1);

        private final Kernel kernel;
        private final int gates;
        private final int biases;
        private final int inputOrder;
        private final int recurrentOrder;
        private final int slots;

        Cell(Kernel kernel, int gates, int biases, int inputOrder, int recurrentOrder, int slots) {
            this.kernel = kernel;
            this.gates = gates;
            this.biases = biases;
            this.inputOrder = inputOrder;
            this.recurrentOrder = recurrentOrder;
            this.slots = slots;
        }
    }

    /** A layer on the GPU; numbers are random, gates of every size that is kept. */
    private static final class Layer {
        private final Gpu gpu;
        private final Cell cell;
        private final int steps;
        private final int batch;
        private final int units;
        private final int symbols;
        private final int clusters;
        private final int width;
        private final double[] hidden;
        private final double[] firstHidden;
        private final int[] ids;
        private final long onGpu;
        private final long firstOnGpu;
        private final long idsOnGpu;
        private final long gates;
        private final long cells;
        private final long recurrent;
        private final long outputGradient;
        private final long carried;

        Layer(Gpu gpu, Cell cell, int steps, int batch, int units, int symbols, boolean fromZeros) {
            this.gpu = gpu;
            this.cell = cell;
            this.steps = steps;
            this.batch = batch;
            this.units = units;
            this.symbols = symbols;
            clusters = Math.ceilDiv(batch, 8);
            width = cell.gates * units;
            int n = steps * batch * units;
            hidden = halves(1, n);
            firstHidden = fromZeros ? new double[batch * units] : halves(2, batch * units);
            ids = randomIds(3, steps * batch, Math.max(symbols, 1));
            ids[steps * batch / 2] = -1;
            onGpu = gpu.numbers(true, hidden);
            firstOnGpu = fromZeros ? 0 : gpu.numbers(true, firstHidden);
            idsOnGpu = symbols > 0 ? gpu.ints(ids) : 0;
            gates = gpu
                    .ints(IntStream.of(randomIds(4, 2 * n, 0x4000)).map(kept -> (0x10001 * kept) ^ 0x1a5a).toArray());
            cells = gpu.floats(random(5, n, 1));
            recurrent = gpu.floats(random(6, units * width, 1 / Math.sqrt(units)));
            outputGradient = gpu.numbers(true, halves(7, n));
            carried = gpu.fresh(4L * batch * units);
        }

        private static double[] halves(int seed, int count) {
            return Arrays.stream(random(seed, count, 1)).map(value -> Math.rint(value * 128) / 128).toArray();
        }

        private int rows() {
            return units + (symbols > 0 ? symbols + 1 : 0);
        }

        private long partials(int parts) {
            return gpu.fresh(partialBytes() * parts);
        }

        private long partialBytes() {
            return 4L * clusters * rows() * cell.slots * units;
        }

        private void back(int from, int to, long sums, long partials) {
            long at = (long) from * batch * units;
            long step = (long) batch * units;
            long before = from == 0 ? firstOnGpu : onGpu + 2 * (at - step);
            long h = onGpu + 2 * at;
            List<Object> arguments = new ArrayList<>(switch (cell) {
                case LSTM -> List.of(gates + 8 * at, cells + 4 * at, from == 0 ? 0L : cells + 4 * (at - step));
                case GRU -> List.of(gates + 8 * at, h, before);
                case ELMAN -> List.of(h);
            });
            arguments.addAll(List.of(recurrent, outputGradient + 2 * at, sums == 0 ? 0L : sums + 2L * cell.slots * at));
            arguments.addAll(switch (cell) {
                case LSTM -> List.of(carried, h, before);
                case GRU -> List.of(carried);
                case ELMAN -> List.of(before);
            });
            arguments
                    .addAll(List.of(symbols == 0 ? 0L : idsOnGpu + 4L * from * batch, partials, to - from, batch, units,
                            0, to < steps ? 1 : 0, symbols));
            gpu.launch(cell.kernel, 4 * clusters, 384, 1, arguments.toArray());
        }

        /** The kernel's, the recurrent kernel's and the bias', one after the other. */
        private double[] added(long partials, int parts) {
            int count = (symbols + units + cell.biases) * width;
            long all = gpu.floats(new double[count]);
            long ofRecurrent = all + 4L * symbols * width;
            gpu.each(Kernel.WEIGHT_GRADIENTS, (long) rows() * cell.slots * units, partials, all, ofRecurrent,
                    ofRecurrent + 4L * units * width, parts * clusters, symbols, units, cell.slots, cell.gates,
                    cell.inputOrder, cell.recurrentOrder, cell.biases);
            return gpu.readFloats(all, count);
        }

        /** The same in double, and the sizes of what is added. */
        private double[][] expected(double[] sums) {
            double[][] all = new double[2][(symbols + units + cell.biases) * width];
            for (int row = 0; row < steps * batch; row++) {
                for (int n = 0; n < units * cell.slots; n++) {
                    double sum = sums[row * units * cell.slots + n];
                    int ofInput = column(n, cell.inputOrder);
                    int ofRecurrent = column(n, cell.recurrentOrder);
                    for (int k = 0; k < units; k++) {
                        add(all, symbols + k, ofRecurrent,
                                sum * (row < batch ? firstHidden[row * units + k] : hidden[(row - batch) * units + k]));
                    }
                    if (symbols > 0) {
                        add(all, ids[row], ofInput, sum);
                        add(all, symbols + units, ofInput, sum);
                        add(all, cell.biases == 1 ? -1 : symbols + units + 1, ofRecurrent, sum);
                    }
                }
            }
            return all;
        }

        /** Of a slot of a unit; below 0 if it has none. */
        private int column(int n, int order) {
            int gate = (order >> (4 * (n % cell.slots))) & 15;
            return gate == 15 ? -1 : gate * units + n / cell.slots;
        }

        private void add(double[][] all, int row, int column, double value) {
            if (row >= 0 && column >= 0) {
                all[0][row * width + column] += value;
                all[1][row * width + column] += Math.abs(value);
            }
        }

        private void require(double[] sums, double[] actual) {
            double[][] expected = expected(sums);
            for (int i = 0; i < actual.length; i++) {
                double difference = Math.abs(actual[i] - expected[0][i]);
                int at = i;
                assertTrue(difference <= 1e-6 * expected[1][i], () -> "gradient " + at / width + ", " + at % width
                        + " is " + actual[at] + ", not " + expected[0][at]);
            }
        }
    }

    /** One step and more, odd and even; units of rows that begin at 16 bytes or anywhere; up to all symbols. */
    @ParameterizedTest
    @CsvSource({"LSTM,1,1,8,1,true", "LSTM,2,3,16,38,false", "LSTM,3,9,24,0,true", "LSTM,8,1,104,47,false",
        "LSTM,9,3,120,63,true", "LSTM,19,2,128,38,true", "LSTM,3,9,128,127,false", "LSTM,2,20,40,64,true",
        "LSTM,1,3,13,5,false", "LSTM,5,2,37,0,false", "LSTM,4,9,127,3,true", "LSTM,11,1,1,2,false",
        "GRU,3,3,128,38,false", "GRU,4,9,37,64,true", "GRU,2,2,16,0,false", "ELMAN,3,3,128,38,false",
        "ELMAN,4,9,37,64,true", "ELMAN,2,2,16,0,false"})
    @Sampled(every = 6)
    void areSumsOfProducts(Cell cell, int steps, int batch, int units, int symbols, boolean fromZeros) {
        try (Gpu gpu = Gpu.having(90)) {
            Layer layer = new Layer(gpu, cell, steps, batch, units, symbols, fromZeros);
            int n = steps * batch * units;
            long sums = gpu.fresh(2L * cell.slots * n);
            long partials = layer.partials(1);
            layer.back(0, steps, sums, partials);
            double[] whole = layer.added(partials, 1);
            double[] ofSums = gpu.readNumbers(true, sums, cell.slots * n);
            layer.require(ofSums, whole);
            // The same bits where nobody asks for the sums' gradients.
            long again = layer.partials(1);
            layer.back(0, steps, 0, again);
            assertArrayEquals(whole, layer.added(again, 1));
            if (steps > 1) {
                int at = steps / 2;
                long parts = layer.partials(2);
                layer.back(at, steps, sums, parts);
                layer.back(0, at, sums, parts + layer.partialBytes());
                assertArrayEquals(ofSums, gpu.readNumbers(true, sums, cell.slots * n));
                layer.require(ofSums, layer.added(parts, 2));
            }
        }
    }
}
