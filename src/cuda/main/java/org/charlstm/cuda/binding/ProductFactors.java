package org.charlstm.cuda.binding;

import module java.base;
import org.charlstm.cuda.CudaType;

/**
 * Alpha and beta of a product in host memory, in the type of the sums. cuBLAS reads both before the call returns, so
 * the thread's next product reuses the memory. Threads share no memory, since they may multiply at the same time.
 */
final class ProductFactors {
    private static final ThreadLocal<ProductFactors> OF_THREAD =
            ThreadLocal.withInitial(() -> new ProductFactors(Arena.ofAuto()));

    /** The factors of most products, found without a thread-local look-up. */
    private static final ProductFactors ONE_AND_ZERO = new ProductFactors(Arena.global());

    static {
        ONE_AND_ZERO.set(false, 1, 0);
    }

    private final MemorySegment memory;
    private final long alpha;

    private ProductFactors(Arena arena) {
        memory = arena.allocate(ValueLayout.JAVA_DOUBLE, 2);
        alpha = memory.address();
    }

    /** The factors of this thread's next call on matrices or vectors of a type. */
    static ProductFactors of(CudaType type, double alpha, double beta) {
        boolean wide = type == CudaType.FLOAT64;
        if (alpha == 1 && beta == 0 && !wide) {
            return ONE_AND_ZERO;
        }
        ProductFactors factors = OF_THREAD.get();
        factors.set(wide, alpha, beta);
        return factors;
    }

    private void set(boolean wide, double first, double second) {
        if (wide) {
            memory.setAtIndex(ValueLayout.JAVA_DOUBLE, 0, first);
            memory.setAtIndex(ValueLayout.JAVA_DOUBLE, 1, second);
        } else {
            memory.set(ValueLayout.JAVA_FLOAT, 0, (float) first);
            memory.set(ValueLayout.JAVA_FLOAT, Double.BYTES, (float) second);
        }
    }

    /** The address of alpha, a float or a double. */
    long alpha() {
        return alpha;
    }

    /** The address of beta, a float or a double. */
    long beta() {
        return alpha + Double.BYTES;
    }
}
