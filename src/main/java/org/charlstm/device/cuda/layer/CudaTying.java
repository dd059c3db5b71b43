package org.charlstm.device.cuda.layer;

import org.charlstm.device.Matrix;
import org.charlstm.device.TiedKernel;
import org.charlstm.device.cuda.kernel.Kernel;
import org.charlstm.device.cuda.kernel.Kernels;
import org.charlstm.device.cuda.memory.CudaMatrix;

/** Tied kernels. */
public final class CudaTying {
    /** Sides of a block's tile, and the threads that take its lines. */
    private static final int SIDE = Kernels.WARP;
    private static final int LINES = 8;

    private CudaTying() {
    }

    public static void copy(Kernels kernels, TiedKernel tied, Matrix weights) {
        run(kernels, Kernel.COPY_TIED, tied, CudaMatrix.of(weights));
    }

    public static void gather(Kernels kernels, TiedKernel tied, Matrix gradients) {
        run(kernels, Kernel.GATHER_TIED, tied, CudaMatrix.of(gradients));
    }

    private static void run(Kernels kernels, Kernel kernel, TiedKernel tied, CudaMatrix flat) {
        kernels.launch(kernel, Math.ceilDiv(tied.symbols(), SIDE) * Math.ceilDiv(tied.units(), SIDE), SIDE, LINES,
                flat.pointer(tied.table()), flat.pointer(tied.dense()), tied.symbols(), tied.units());
    }
}
