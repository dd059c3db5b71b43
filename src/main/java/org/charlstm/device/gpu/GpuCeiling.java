package org.charlstm.device.gpu;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.charlstm.cuda.CudaBuffer;
import org.charlstm.cuda.CudaContext;
import org.charlstm.cuda.CudaStopwatch;
import org.charlstm.cuda.CudaType;
import org.charlstm.random.Purpose;
import org.charlstm.random.RandomStream;

/** The most that cuBLAS does on a GPU: products of square matrices, larger and larger until one takes its time. */
final class GpuCeiling {
    private static final int SMALLEST = 256;
    private static final int LARGEST = 8192;
    /** Where the start of a product no longer counts. */
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
            long bytes = (long) type.bytes() * n * n;
            long factor = filled(memory, bytes).pointer();
            long product = memory.workspace(bytes).pointer();
            // The first loads cuBLAS's code.
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

    /**
     * Numbers from -1 to 1 that differ, for a GPU runs faster on zeros. A word is two of them in bfloat16, and one in
     * float32.
     */
    private CudaBuffer filled(GpuMemory memory, long bytes) {
        CudaBuffer buffer = memory.workspace(bytes);
        int words = SMALLEST * SMALLEST / 2;
        RandomStream random = new RandomStream(1, Purpose.WEIGHTS, 0);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment block = arena.allocate(ValueLayout.JAVA_INT, words);
            for (int i = 0; i < words; i++) {
                int high = Float.floatToIntBits((float) (2 * random.uniform() - 1)) & 0xffff0000;
                int low = Float.floatToIntBits((float) (2 * random.uniform() - 1)) >>> 16;
                block.setAtIndex(ValueLayout.JAVA_INT, i, high | low);
            }
            buffer.write(block);
        }
        for (long done = 4L * words; done < buffer.bytes(); done *= 2) {
            context.driver().copy(buffer.pointer() + done, buffer.pointer(), Math.min(done, buffer.bytes() - done),
                    context.stream());
        }
        return buffer;
    }
}
