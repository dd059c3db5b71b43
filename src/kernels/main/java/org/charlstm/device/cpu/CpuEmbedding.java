package org.charlstm.device.cpu;

import static org.charlstm.device.cpu.tools.Lanes.COUNT;
import static org.charlstm.device.cpu.tools.Lanes.ORIGIN;
import static org.charlstm.device.cpu.tools.Lanes.PANEL;
import static org.charlstm.device.cpu.tools.Lanes.load;
import static org.charlstm.device.cpu.tools.Lanes.padded;

import java.util.Arrays;
import org.charlstm.device.Embedding;
import org.charlstm.device.Embedding.TiedKernel;
import org.charlstm.device.Ints;
import org.charlstm.device.Matrix;
import org.charlstm.device.cpu.tools.CpuMatrix;
import org.charlstm.device.cpu.tools.Workers;
import org.charlstm.device.host.HostInts;
import org.charlstm.device.host.Shapes;

/** The embedding copies rows in blocks; threads share the gradient by columns, so the order of sums is fixed. */
final class CpuEmbedding implements Embedding {
    private static final int BLOCK = 256;

    private final Workers workers;
    private final Embedding.Shape shape;
    private final int offset;
    private final int stride;
    private final Workers.Shard copyBlock = this::copyBlock;
    private final Workers.Shard sumPanel = this::sumPanel;
    private int[] ids = {};
    /** The output or its gradient. */
    private float[] rows = {};
    /** The flat buffer of the table, or of its gradient. */
    private float[] flat = {};

    CpuEmbedding(Workers workers, Embedding.Shape shape, int offset) {
        this.workers = workers;
        this.shape = shape;
        this.offset = ORIGIN + offset;
        stride = padded(shape.units());
    }

    private void take(Ints idsAt, Matrix rowsAt, Matrix flatAt) {
        Shapes.ints(idsAt, shape.rows());
        ids = HostInts.of(idsAt);
        Shapes.ids(ids, shape.symbols());
        rows = CpuMatrix.of(rowsAt, shape.rows(), shape.units()).values();
        flat = CpuMatrix.of(flatAt).values();
    }

    @Override
    public void forward(Matrix weights, Ints idsAt, Matrix output) {
        take(idsAt, output, weights);
        workers.run(Math.ceilDiv(shape.rows(), BLOCK), copyBlock);
    }

    private void copyBlock(int block) {
        int end = Math.min(shape.rows(), (block + 1) * BLOCK);
        for (int m = block * BLOCK; m < end; m++) {
            System.arraycopy(flat, offset + ids[m] * stride, rows, ORIGIN + m * stride, stride);
        }
    }

    @Override
    public void backward(Ints idsAt, Matrix outputGradient, Matrix gradients) {
        take(idsAt, outputGradient, gradients);
        workers.run(stride / PANEL, sumPanel);
    }

    private void sumPanel(int panel) {
        int table = offset + panel * PANEL;
        for (int v = 0; v < shape.symbols(); v++) {
            Arrays.fill(flat, table + v * stride, table + v * stride + PANEL, 0f);
        }
        int from = ORIGIN + panel * PANEL;
        for (int m = 0; m < shape.rows(); m++, from += stride) {
            int to = table + ids[m] * stride;
            load(flat, to).add(load(rows, from)).intoArray(flat, to);
            load(flat, to + COUNT).add(load(rows, from + COUNT)).intoArray(flat, to + COUNT);
        }
    }

    /** Tied kernels, panel by panel: each column of a kernel is a row of its table, so panels share no row. */
    static final class Tying {
        private final Workers workers;
        private final Workers.Shard copyPanel = this::copyPanel;
        private final Workers.Shard gatherPanel = this::gatherPanel;
        private CpuDense.Layout layout = new CpuDense.Layout(1, 1);
        private int table;
        private int kernel;
        private float[] flat = {};

        Tying(Workers workers) {
            this.workers = workers;
        }

        void copy(TiedKernel tied, Matrix weights) {
            run(tied, weights, copyPanel);
        }

        void gather(TiedKernel tied, Matrix gradients) {
            run(tied, gradients, gatherPanel);
        }

        private void run(TiedKernel tied, Matrix flatAt, Workers.Shard panel) {
            if (layout.inputs() != tied.units() || layout.outputs() != tied.symbols()) {
                layout = new CpuDense.Layout(tied.units(), tied.symbols());
            }
            table = ORIGIN + tied.table();
            kernel = ORIGIN + tied.dense() + layout.kernelOffset();
            flat = CpuMatrix.of(flatAt).values();
            workers.run(layout.panels(), panel);
        }

        private void copyPanel(int panel) {
            int end = Math.min(layout.outputs(), (panel + 1) * PANEL);
            for (int v = panel * PANEL; v < end; v++) {
                int from = table + v * padded(layout.inputs());
                int to = kernel + panel * layout.panelSize() + v % PANEL;
                for (int e = 0; e < layout.inputs(); e++) {
                    flat[to + e * PANEL] = flat[from + e];
                }
            }
        }

        private void gatherPanel(int panel) {
            int end = Math.min(layout.outputs(), (panel + 1) * PANEL);
            for (int v = panel * PANEL; v < end; v++) {
                int to = table + v * padded(layout.inputs());
                int from = kernel + panel * layout.panelSize() + v % PANEL;
                for (int e = 0; e < layout.inputs(); e++) {
                    flat[to + e] += flat[from + e * PANEL];
                    flat[from + e * PANEL] = 0f;
                }
            }
        }
    }
}
