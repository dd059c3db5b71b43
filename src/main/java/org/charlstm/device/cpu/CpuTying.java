package org.charlstm.device.cpu;

import static org.charlstm.device.cpu.Lanes.ORIGIN;
import static org.charlstm.device.cpu.Lanes.PANEL;
import static org.charlstm.device.cpu.Lanes.padded;

import org.charlstm.device.Embedding.TiedKernel;
import org.charlstm.device.Matrix;

/** Tied kernels, panel by panel: each of a kernel's columns is a row of its table, which no other panel has. */
final class CpuTying {
    private final Workers workers;
    private final Workers.Shard copyPanel = this::copyPanel;
    private final Workers.Shard gatherPanel = this::gatherPanel;
    private CpuDenseLayout layout = new CpuDenseLayout(1, 1);
    private int table;
    private int kernel;
    private float[] flat = {};

    CpuTying(Workers workers) {
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
            layout = new CpuDenseLayout(tied.units(), tied.symbols());
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
