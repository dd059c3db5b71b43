package org.charlstm.device.gpu;

import org.charlstm.cuda.Kernel;
import org.charlstm.cuda.Kernels;
import org.charlstm.device.Dropout;
import org.charlstm.device.Ints;
import org.charlstm.device.Matrix;
import org.charlstm.device.host.Shapes;

/** Dropping elements. */
public final class GpuDropout {
    /** Columns that share a block of random bits. */
    private static final int GROUP = 8;

    private GpuDropout() {
    }

    public static void run(Kernels kernels, Dropout dropout, Ints batch, Matrix input, Matrix output) {
        Shapes.ints(batch, 1);
        GpuMatrix x = GpuMatrix.of(input);
        GpuMatrix y = GpuMatrix.of(output, x.rows(), x.columns());
        Kernels.requireCountable(Kernel.DROPOUT, x.count());
        int across = Math.ceilDiv(x.columns(), GROUP);
        int groups = x.rows() * across;
        Dropout.Rows rows = dropout.rows();
        kernels.each(Kernel.DROPOUT, groups, x.pointer(), y.pointer(), GpuInts.pointer(batch), dropout.seed(),
                dropout.layer(), dropout.threshold(), (float) dropout.scale(), x.columns(), groups, x.bf16(),
                rows.batch() * across, (rows.whole() - rows.batch()) * across, rows.first() * across);
    }
}
