package org.charlstm.device.gpu;

import java.util.Arrays;
import org.charlstm.cuda.CudaContext;
import org.charlstm.cuda.CudaStopwatch;
import org.charlstm.cuda.CudaType;

/** The peak rate of cuBLAS on a GPU: products of larger and larger square matrices, until one takes long enough. */
final class GpuCeiling {
    private static final int SMALLEST = 256;
    private static final int LARGEST = 8192;
    /** Seconds beside which the launch of a product is negligible. */
    private static final double LONG_ENOUGH = 0.01;
    private static final int TIMES = 5;

    private final CudaContext context;
    private final GpuProducts products;
    private final CudaType type;

    GpuCeiling(CudaContext context, GpuProducts products, CudaType type) {
        this.context = context;
        this.products = products;
        this.type = type;
    }

    /** Floating-point operations a second, the best of all sizes. */
    double measure() {
        double best = 0;
        try (CudaStopwatch stopwatch = new CudaStopwatch(context)) {
            for (int n = SMALLEST; n <= LARGEST; n *= 2) {
                double seconds = seconds(n, stopwatch);
                best = Math.max(best, 2.0 * n * n * n / seconds);
                if (seconds > LONG_ENOUGH) {
                    break;
                }
            }
        }
        return best;
    }

    private double seconds(int n, CudaStopwatch stopwatch) {
        try (GpuMemory memory = new GpuMemory(context, type)) {
            GpuMatrix factors = memory.matrix(n, n);
            // Not zeros, on which a GPU runs faster.
            factors.fillRandomly(context, factors.count(), 1);
            long factor = factors.pointer();
            long product = memory.workspace((long) type.bytes() * n * n).pointer();
            // The first product loads cuBLAS's code.
            products.plain(n, n, n, factor, factor, product, type);
            for (int i = 0; i <= TIMES; i++) {
                stopwatch.mark();
                if (i < TIMES) {
                    products.plain(n, n, n, factor, factor, product, type);
                }
            }
            return Arrays.stream(stopwatch.laps()).min().orElseThrow();
        }
    }
}
