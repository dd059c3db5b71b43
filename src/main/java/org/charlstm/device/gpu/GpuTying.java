package org.charlstm.device.gpu;

import org.charlstm.cuda.Kernel;
import org.charlstm.cuda.Kernels;
import org.charlstm.device.Embedding.TiedKernel;
import org.charlstm.device.Matrix;

/** Tied kernels. */
public final class GpuTying {
    /** Sides of a block's tile, and the threads that take its lines. */
    private static final int SIDE = Kernels.WARP;
    private static final int LINES = 8;

    private GpuTying() {
    }

    public static void copy(Kernels kernels, TiedKernel tied, Matrix weights) {
        run(kernels, Kernel.COPY_TIED, tied, GpuMatrix.of(weights));
    }

    public static void gather(Kernels kernels, TiedKernel tied, Matrix gradients) {
        run(kernels, Kernel.GATHER_TIED, tied, GpuMatrix.of(gradients));
    }

    private static void run(Kernels kernels, Kernel kernel, TiedKernel tied, GpuMatrix flat) {
        kernels.launch(kernel, Math.ceilDiv(tied.symbols(), SIDE) * Math.ceilDiv(tied.units(), SIDE), SIDE, LINES,
                flat.pointer(tied.table()), flat.pointer(tied.dense()), tied.symbols(), tied.units());
    }
}
