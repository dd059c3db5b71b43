package org.charlstm.device.gpu;

import static org.charlstm.selftest.TrialMemory.random;
import static org.charlstm.selftest.TrialMemory.randomIds;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import org.charlstm.Agreement;
import org.charlstm.cuda.CudaType;
import org.charlstm.device.BatchNorm;
import org.charlstm.device.Dropout;
import org.charlstm.device.Embedding.TiedKernel;
import org.charlstm.device.gpu.tools.GpuInts;
import org.charlstm.device.gpu.tools.GpuMatrix;
import org.charlstm.device.gpu.tools.GpuMemory;
import org.charlstm.device.gpu.tools.GpuTools;
import org.charlstm.device.gpu.tools.Kernel;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Kernels of embedding, dropout, batch normalisation and tying, where the devices' own checks do not see them. */
@EveryOrder
@Needs(Need.GPU)
class LayerKernelTest {
    private static final double TOLERANCE = 2e-6;

    /** Of at most 7 bits, which bf16 can hold. */
    private static double[] sixtyFourths(int seed, int count) {
        return Arrays.stream(random(seed, count, 1)).map(value -> Math.rint(value * 64) / 64).toArray();
    }

    private static GpuMatrix matrix(GpuMemory memory, int rows, int columns, double[] values) {
        GpuMatrix matrix = memory.matrix(rows, columns);
        matrix.write(values);
        return matrix;
    }

    private static GpuMatrix flat(GpuMemory memory, double... values) {
        GpuMatrix matrix = memory.flat(values.length);
        matrix.write(values);
        return matrix;
    }

    private static GpuInts ints(GpuMemory memory, int... values) {
        GpuInts ints = memory.ints(values.length);
        ints.write(values);
        return ints;
    }

    private static GpuMemory memory(Gpu gpu, boolean bf16) {
        return new GpuMemory(gpu.context(), bf16 ? CudaType.BFLOAT16 : CudaType.FLOAT32);
    }

    private static GpuOperations operations(Gpu gpu, GpuMemory memory) {
        return new GpuOperations(new GpuTools(gpu.context(), gpu.kernels(), null), memory, null, null, false);
    }

    /** Rows of a table, of rounded values those nearest; an id that names no symbol has zeros. */
    @ParameterizedTest
    @CsvSource({"1,1,1,false", "9,5,1,true", "37,5,3,false", "33,9,4,true", "7,129,37,true", "65,38,128,false",
        "300,3,6,false"})
    void embeddingForward(int rows, int symbols, int units, boolean bf16) {
        int[] ids = Arrays.stream(randomIds(1, rows, symbols + 2)).map(id -> id - 1).toArray();
        double[] table = sixtyFourths(2, symbols * units);
        double[] expected = new double[rows * units];
        for (int i = 0; i < expected.length; i++) {
            int id = ids[i / units];
            expected[i] = id < 0 || id >= symbols ? 0 : table[id * units + i % units];
        }
        try (Gpu gpu = Gpu.open()) {
            long y = gpu.fresh((bf16 ? 2L : 4L) * expected.length);
            gpu.each(Kernel.EMBEDDING_FORWARD, expected.length, gpu.ints(ids), gpu.floats(table), y, symbols, units,
                    expected.length, bf16 ? 1 : 0);
            assertArrayEquals(expected, gpu.readNumbers(bf16, y, expected.length));
        }
    }

    /** Nothing of what is dropped is left, and what is kept is rounded once; a later batch drops others. */
    @ParameterizedTest
    @CsvSource({"1,1,false", "5,7,true", "9,8,false", "9,8,true", "37,20,true", "3,129,false", "65,64,true"})
    void dropout(int rows, int columns, boolean bf16) {
        // Of half, so that what is kept is exact.
        Dropout dropout = new Dropout(0.5, -3, 63);
        double[] values = sixtyFourths(1, rows * columns);
        values[0] = Double.NaN;
        values[values.length / 2] = Double.POSITIVE_INFINITY;
        try (Gpu gpu = Gpu.open(); GpuMemory memory = memory(gpu, bf16)) {
            for (int batch : new int[] {0, 5, Integer.MAX_VALUE}) {
                double[] expected = new double[values.length];
                for (int i = 0; i < expected.length; i++) {
                    expected[i] = dropout.keeps(batch, columns, i / columns, i % columns) ? 2 * values[i] : 0;
                }
                GpuMatrix x = matrix(memory, rows, columns, values);
                GpuMatrix y = memory.matrix(rows, columns);
                operations(gpu, memory).dropout(dropout, ints(memory, batch), x, y);
                assertArrayEquals(expected, y.read());
                assertArrayEquals(values, x.read());
                operations(gpu, memory).dropout(dropout, ints(memory, batch), x, x);
                assertArrayEquals(expected, x.read());
            }
        }
    }

    /** Columns whose mean is a thousand times their spread, and moving values that begin where 16 bytes do not. */
    @ParameterizedTest
    @CsvSource({"4,300,1000", "3,300,-4000", "8,9000,1000", "37,1,1000", "132,129,0"})
    void momentsOfColumnsFarFromZero(int columns, int rows, double mean) {
        // Steps that float32 can hold beside the mean.
        double step = mean == 0 ? 1 : Math.abs(mean) / 4096;
        double[] values = Arrays.stream(random(1, rows * columns, 8)).map(value -> mean + Math.rint(value) * step)
                .toArray();
        double[] means = new double[columns];
        double[] variances = new double[columns];
        for (int i = 0; i < values.length; i++) {
            means[i % columns] += values[i] / rows;
        }
        for (int i = 0; i < values.length; i++) {
            variances[i % columns] += Math.pow(values[i] - means[i % columns], 2) / rows;
        }
        double[] expected = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            int column = i % columns;
            expected[i] = column + 1 + (values[i] - means[column]) / Math.sqrt(variances[column] + 1e-3);
        }
        try (Gpu gpu = Gpu.open(); GpuMemory memory = memory(gpu, false)) {
            int beta = GpuBatchNorm.layout(columns).size() / 2;
            int moving = 2 * beta + 1;
            double[] weights = new double[moving + 2 * columns + 1];
            for (int column = 0; column < columns; column++) {
                weights[column] = 1;
                weights[beta + column] = column + 1;
            }
            weights[moving - 1] = 7;
            weights[moving + 2 * columns] = 9;
            GpuMatrix flat = flat(memory, weights);
            GpuMatrix y = memory.matrix(rows, columns);
            new GpuBatchNorm(gpu.kernels(), memory, new BatchNorm.Shape(columns, rows, 0, 1e-3, true), 0, moving)
                    .forward(flat, matrix(memory, rows, columns, values), y);
            double[] after = flat.read();
            Agreement.require("means", means, Arrays.copyOfRange(after, moving, moving + columns), TOLERANCE);
            Agreement.require("variances", variances,
                    Arrays.copyOfRange(after, moving + columns, moving + 2 * columns), 1e-4);
            Agreement.require("y", expected, y.read(), 1e-4);
            assertEquals(9, after[moving + 2 * columns]);
            assertArrayEquals(Arrays.copyOf(weights, moving), Arrays.copyOf(after, moving));
        }
    }

    /** y, dx, and the gradients of gamma and beta with the moving values. */
    private static double[][] normalised(Gpu gpu, boolean bf16, BatchNorm.Shape shape) {
        int columns = shape.columns();
        int size = shape.rows() * columns;
        try (GpuMemory memory = memory(gpu, bf16)) {
            int moving = GpuBatchNorm.layout(columns).size();
            GpuMatrix weights = flat(memory, random(1, moving + 2 * columns, 1));
            GpuMatrix gradients = memory.flat(moving);
            GpuMatrix x = matrix(memory, shape.rows(), columns, sixtyFourths(2, size));
            GpuMatrix dy = matrix(memory, shape.rows(), columns, sixtyFourths(3, size));
            GpuMatrix y = memory.matrix(shape.rows(), columns);
            GpuBatchNorm norm = new GpuBatchNorm(gpu.kernels(), memory, shape, 0, moving);
            norm.forward(weights, x, y);
            norm.backward(weights, x, dy, dy, gradients);
            return new double[][] {y.read(), dy.read(), gradients.read(), weights.read()};
        }
    }

    /** Sums of bf16 are those of float32, and what comes of them is rounded once. */
    @ParameterizedTest
    @CsvSource({"1,700", "3,37", "8,1", "37,300", "132,129"})
    void batchNormOfBf16(int columns, int rows) {
        BatchNorm.Shape shape = new BatchNorm.Shape(columns, rows, 0.9, 1e-3, true);
        try (Gpu gpu = Gpu.open(); GpuMemory memory = memory(gpu, true)) {
            double[][] exact = normalised(gpu, false, shape);
            double[][] got = normalised(gpu, true, shape);
            assertArrayEquals(matrix(memory, rows, columns, exact[0]).read(), got[0], "y");
            assertArrayEquals(matrix(memory, rows, columns, exact[1]).read(), got[1], "dx");
            assertArrayEquals(exact[2], got[2], "gradients");
            assertArrayEquals(exact[3], got[3], "weights");
        }
    }

    /** Of tiles that are whole, cut and none; whatever is beside them stays. */
    @ParameterizedTest
    @CsvSource({"1,1", "32,64", "33,5", "7,129"})
    void tiedKernels(int symbols, int units) {
        int size = symbols * units;
        double[] values = random(1, 2 * size + 3, 1);
        TiedKernel tied = new TiedKernel(symbols, units, 1, size + 2);
        double[] copied = values.clone();
        double[] gathered = values.clone();
        for (int i = 0; i < size; i++) {
            int of = tied.dense() + i % units * symbols + i / units;
            copied[of] = values[1 + i];
            gathered[1 + i] = (float) values[1 + i] + (float) values[of];
            gathered[of] = 0;
        }
        try (Gpu gpu = Gpu.open(); GpuMemory memory = memory(gpu, true)) {
            GpuMatrix flat = flat(memory, values);
            operations(gpu, memory).copyTied(tied, flat);
            Agreement.require("copied", copied, flat.read(), 1e-7);
            flat.write(values);
            operations(gpu, memory).gatherTied(tied, flat);
            Agreement.require("gathered", gathered, flat.read(), 1e-7);
        }
    }
}
