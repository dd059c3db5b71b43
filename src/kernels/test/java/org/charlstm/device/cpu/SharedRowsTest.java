package org.charlstm.device.cpu;

import static org.charlstm.selftest.TrialMemory.random;
import static org.charlstm.selftest.TrialMemory.randomIds;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.charlstm.device.BatchNorm;
import org.charlstm.device.Device;
import org.charlstm.device.DeviceOptions;
import org.charlstm.device.Devices;
import org.charlstm.device.Dropout;
import org.charlstm.device.Embedding;
import org.charlstm.device.Embedding.TiedKernel;
import org.charlstm.device.Ints;
import org.charlstm.device.Matrix;
import org.charlstm.device.cpu.tools.CpuMatrix;
import org.charlstm.selftest.TrialMemory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Threads that share the rows or the columns of an operation give the bits of one, and what pads rows stays zero. */
class SharedRowsTest {
    private static final int ROWS = 5000;
    private static final int SYMBOLS = 70;

    /** Each operation's buffers, padding and all. */
    private static float[][] run(int threads, int columns) {
        try (Device device = Devices.open("cpu", new DeviceOptions(threads));
                TrialMemory scope = new TrialMemory(device)) {
            Matrix input = scope.matrix(ROWS, columns, random(1, ROWS * columns, 1));
            Matrix gradient = scope.matrix(ROWS, columns, random(2, ROWS * columns, 1));
            Matrix dropped = scope.matrix(ROWS, columns);
            scope.operations().dropout(new Dropout(0.4, 3, 1), scope.ints(2), input, dropped);
            int size = scope.operations().batchNormLayout(columns).size();
            double[] values = new double[size + 64 + 2 * columns];
            scope.operations().batchNormLayout(columns).pack(new double[][] {random(3, columns, 1),
                random(4, columns, 1)}, values, 0);
            Matrix weights = scope.flat(values);
            Matrix gradients = scope.flat(new double[size]);
            Matrix normal = scope.matrix(ROWS, columns);
            Matrix inputGradient = scope.matrix(ROWS, columns);
            BatchNorm norm = scope.operations().batchNorm(scope.memory(),
                    new BatchNorm.Shape(columns, ROWS, 0.9, 1e-3, true), 0, size + 64);
            norm.forward(weights, input, normal);
            norm.backward(weights, input, gradient, inputGradient, gradients);
            int dense = scope.operations().embeddingLayout(SYMBOLS, columns).size();
            Matrix table = scope.flat(new double[dense + scope.operations().denseLayout(columns, SYMBOLS).size()]);
            Ints ids = scope.ints(randomIds(5, ROWS, SYMBOLS));
            Embedding embedding = scope.operations().embedding(scope.memory(),
                    new Embedding.Shape(SYMBOLS, columns, ROWS), 0);
            embedding.backward(ids, gradient, table);
            TiedKernel tied = new TiedKernel(SYMBOLS, columns, 0, dense);
            scope.operations().copyTied(tied, table);
            Matrix gathered = scope.flat(table.read());
            scope.operations().gatherTied(tied, gathered);
            Matrix found = scope.matrix(ROWS, columns);
            embedding.forward(gathered, ids, found);
            for (Matrix rows : new Matrix[] {dropped, normal, inputGradient, found}) {
                assertPadded(CpuMatrix.of(rows));
            }
            return new float[][] {values(dropped), values(normal), values(inputGradient), values(weights),
                values(gradients), values(table), values(gathered), values(found)};
        }
    }

    private static float[] values(Matrix matrix) {
        return CpuMatrix.of(matrix).values();
    }

    private static void assertPadded(CpuMatrix matrix) {
        for (int row = 0; row < matrix.rows(); row++) {
            for (int j = matrix.columns(); j < matrix.stride(); j++) {
                assertEquals(0, matrix.values()[matrix.at(row) + j], "row " + row + ", column " + j);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 128, 150})
    void theNumberOfThreadsChangesNoBit(int columns) {
        float[][] alone = run(1, columns);
        for (int threads : new int[] {2, 5}) {
            float[][] shared = run(threads, columns);
            for (int i = 0; i < alone.length; i++) {
                assertArrayEquals(alone[i], shared[i], threads + " threads, buffer " + i);
            }
        }
    }
}
