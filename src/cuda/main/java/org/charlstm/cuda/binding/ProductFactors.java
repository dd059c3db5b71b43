package org.charlstm.cuda.binding;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Alpha and beta of a product in host memory, in the type of its sums. cuBLAS reads them before the call returns, so
 * that the next product of a thread may use the memory again; threads share none, since they multiply at the same time,
 * each with a handle of its own.
 *
 * @param alpha a float, or a double in 8 bytes
 * @param beta  likewise
 */
public record ProductFactors(MemorySegment alpha, MemorySegment beta) {
    private static final ThreadLocal<ProductFactors> OF_THREAD = ThreadLocal.withInitial(ProductFactors::new);

    /** Of most products; it takes no look into the thread. */
    private static final ProductFactors ONE_AND_ZERO =
            new ProductFactors(Arena.global().allocateFrom(ValueLayout.JAVA_FLOAT, 1),
                    Arena.global().allocateFrom(ValueLayout.JAVA_FLOAT, 0));

    private ProductFactors() {
        this(Arena.ofAuto().allocate(ValueLayout.JAVA_DOUBLE), Arena.ofAuto().allocate(ValueLayout.JAVA_DOUBLE));
    }

    /** Those of this thread's next product. */
    public static ProductFactors of(Cublas.Product product, double alpha, double beta) {
        boolean wide = product.compute() == Cublas.COMPUTE_FLOAT64;
        if (alpha == 1 && beta == 0 && !wide) {
            return ONE_AND_ZERO;
        }
        ProductFactors factors = OF_THREAD.get();
        set(factors.alpha, wide, alpha);
        set(factors.beta, wide, beta);
        return factors;
    }

    private static void set(MemorySegment memory, boolean wide, double value) {
        if (wide) {
            memory.set(ValueLayout.JAVA_DOUBLE, 0, value);
        } else {
            memory.set(ValueLayout.JAVA_FLOAT, 0, (float) value);
        }
    }
}
