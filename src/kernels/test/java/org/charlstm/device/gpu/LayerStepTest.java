package org.charlstm.device.gpu;

import static org.charlstm.device.gpu.KernelTraffic.requireMoved;
import static org.charlstm.selftest.TrialMemory.random;
import static org.charlstm.selftest.TrialMemory.randomIds;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import module java.base;
import org.charlstm.cuda.SimulatedGpu;
import org.charlstm.cuda.SimulatedGpu.Counter;
import org.charlstm.cuda.SimulatedGpu.Traffic;
import org.charlstm.device.BatchNorm;
import org.charlstm.device.Device;
import org.charlstm.device.Dropout;
import org.charlstm.device.Embedding;
import org.charlstm.device.Embedding.TiedKernel;
import org.charlstm.device.Ints;
import org.charlstm.device.Matrix;
import org.charlstm.device.Operations;
import org.charlstm.device.gpu.tools.Kernel;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.charlstm.selftest.TrialMemory;
import org.junit.jupiter.api.Test;

/** A step of these layers there and back: as a recorded one, and by what its kernels move. */
@Needs(Need.SIMULATED_GPU)
class LayerStepTest {
    private static final int ROWS = 300;
    private static final int UNITS = 24;
    private static final int SYMBOLS = 9;

    /** Its buffers, and the step. */
    private static final class Step implements Runnable {
        private final Operations operations;
        private final Dropout dropout = new Dropout(0.25, 5, 2);
        private final Ints ids;
        private final Ints batch;
        private final Matrix weights;
        private final Matrix gradients;
        private final Matrix x;
        private final Matrix y;
        private final Embedding embedding;
        private final BatchNorm norm;
        private final TiedKernel tied;

        Step(TrialMemory scope) {
            operations = scope.operations();
            int table = 0;
            int gamma = operations.embeddingLayout(SYMBOLS, UNITS).size();
            int dense = gamma + operations.batchNormLayout(UNITS).size();
            int moving = dense + operations.denseLayout(UNITS, SYMBOLS).size();
            weights = scope.flat(random(1, moving + 2 * UNITS, 1));
            gradients = scope.flat(random(2, moving, 1));
            ids = scope.ints(randomIds(3, ROWS, SYMBOLS));
            batch = scope.ints(0);
            x = scope.matrix(ROWS, UNITS);
            y = scope.matrix(ROWS, UNITS);
            embedding = operations.embedding(scope.memory(), new Embedding.Shape(SYMBOLS, UNITS, ROWS), table);
            norm = operations.batchNorm(scope.memory(), new BatchNorm.Shape(UNITS, ROWS, 0.9, 1e-3, true), gamma,
                    moving);
            tied = new TiedKernel(SYMBOLS, UNITS, table, dense);
        }

        @Override
        public void run() {
            operations.copyTied(tied, weights);
            embedding.forward(weights, ids, x);
            norm.forward(weights, x, y);
            operations.dropout(dropout, batch, y, y);
            norm.backward(weights, x, y, y, gradients);
            embedding.backward(ids, y, gradients);
            operations.gatherTied(tied, gradients);
            operations.add(batch, 1);
        }
    }

    /** Nothing comes from the host or goes there; the batch's number, which is on the device, makes a difference. */
    @Test
    void isTheSameRecorded() {
        try (Device device = Gpu.device(Gpu.OPTIONS);
                TrialMemory one = new TrialMemory(device);
                TrialMemory other = new TrialMemory(device)) {
            Step step = new Step(one);
            Step again = new Step(other);
            Runnable recorded = device.capture(other.memory(), again);
            recorded.run();
            step.run();
            double[] first = step.y.read();
            assertArrayEquals(first, again.y.read());
            Map<Counter, Long> done = SimulatedGpu.during(recorded);
            assertEquals(1, done.get(Counter.GRAPH_LAUNCHES));
            for (Counter still : new Counter[] {Counter.ALLOCATIONS_EVER, Counter.COPIES_TO_DEVICE,
                Counter.COPIES_TO_HOST}) {
                assertEquals(0, done.get(still), still.toString());
            }
            step.run();
            assertFalse(Arrays.equals(first, step.y.read()), "the same elements are dropped");
            assertArrayEquals(step.y.read(), again.y.read());
            assertArrayEquals(step.gradients.read(), again.gradients.read());
            assertArrayEquals(step.weights.read(), again.weights.read());
        }
    }

    @Test
    void movesWhatItsKernelsSay() {
        try (Device device = Gpu.device(Gpu.OPTIONS); TrialMemory scope = new TrialMemory(device)) {
            Step step = new Step(scope);
            Map<Kernel, Traffic> moved = KernelTraffic.moved(() -> {
                step.run();
                step.y.read();
            });
            long all = 4L * ROWS * UNITS;
            long row = 4L * UNITS;
            long slices = Math.ceilDiv(ROWS, 128);
            requireMoved(moved, Kernel.EMBEDDING_FORWARD, 1, all + 4 * ROWS, all);
            requireMoved(moved, Kernel.DROPOUT, 1, all, all);
            requireMoved(moved, Kernel.BATCH_NORM_MOMENTS, 1, all, 2 * slices * row);
            requireMoved(moved, Kernel.BATCH_NORM_FORWARD, 1, all + 2 * slices * row + 4 * row, all + 4 * row);
            requireMoved(moved, Kernel.BATCH_NORM_SUMS, 1, 2 * all + 2 * row, 2 * slices * row);
            requireMoved(moved, Kernel.BATCH_NORM_BACKWARD, 1, 2 * all + 2 * slices * row + 3 * row, all + 2 * row);
            requireMoved(moved, Kernel.EMBEDDING_BACKWARD, 1, all + 4 * ROWS, slices * SYMBOLS * row);
            requireMoved(moved, Kernel.BIAS_SUM, 1, slices * SYMBOLS * row, SYMBOLS * row);
            requireMoved(moved, Kernel.COPY_TIED, 1, SYMBOLS * row, SYMBOLS * row);
            requireMoved(moved, Kernel.GATHER_TIED, 1, 2 * SYMBOLS * row, 2 * SYMBOLS * row);
            assertEquals(11, moved.values().stream().mapToLong(Traffic::launches).sum());
        }
    }
}
