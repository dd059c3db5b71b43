package org.charlstm.device.cuda.layer;

import org.charlstm.device.Dropout;
import org.charlstm.device.Ints;
import org.charlstm.device.Matrix;
import org.charlstm.device.cuda.kernel.Kernel;
import org.charlstm.device.cuda.kernel.Kernels;
import org.charlstm.device.cuda.memory.CudaInts;
import org.charlstm.device.cuda.memory.CudaMatrix;
import org.charlstm.device.host.Shapes;

/** Dropping elements. */
public final class CudaDropout {
    /** Columns that share a block of random bits. */
    private static final int GROUP = 8;

    private CudaDropout() {
    }

    public static void run(Kernels kernels, Dropout dropout, Ints batch, Matrix input, Matrix output) {
        Shapes.ints(batch, 1);
        CudaMatrix x = CudaMatrix.of(input);
        CudaMatrix y = CudaMatrix.of(output, x.rows(), x.columns());
        Kernels.requireCountable(Kernel.DROPOUT, x.count());
        int across = Math.ceilDiv(x.columns(), GROUP);
        int groups = x.rows() * across;
        Dropout.Rows rows = dropout.rows();
        kernels.each(Kernel.DROPOUT, groups, x.pointer(), y.pointer(), CudaInts.pointer(batch), dropout.seed(),
                dropout.layer(), dropout.threshold(), (float) dropout.scale(), x.columns(), groups, x.bf16(),
                rows.batch() * across, (rows.whole() - rows.batch()) * across, rows.first() * across);
    }
}
