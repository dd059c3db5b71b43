package org.charlstm.cuda;

import java.util.Objects;

/**
 * The shape of a product C (m,n) = alpha op(A) (m,k) op(B) (k,n) + beta C, or of several at once. Matrices are
 * row-major, as in NumPy; op is the matrix itself or its transpose. Make a shape by {@link #of}, and change it by the
 * {@code with} methods.
 *
 * @param transposedA whether A is stored as (k,m) and multiplied transposed
 * @param transposedB whether B is stored as (n,k) and multiplied transposed
 * @param lda         leading dimension of A: elements from a stored row to the next; ldb and ldc likewise
 * @param factors     the type of A and B: float32, bf16, half or double
 * @param result      the type of C: the factors' type, or float32 for bf16 and half
 * @param tf32        whether float32 factors may be rounded to TF32, with 10 bits of mantissa, for tensor cores
 * @param batches     how many products
 * @param strideA     elements from one product's A to the next one's, 0 for the same; strideB likewise
 * @param strideC     elements from one product's C to the next one's
 */
public record Gemm(boolean transposedA, boolean transposedB, int m, int n, int k, int lda, int ldb, int ldc,
        CudaType factors, CudaType result, boolean tf32, int batches, long strideA, long strideB, long strideC) {
    /** A bound of a matrix' elements: rows and columns have 31 bits each. */
    private static final long MOST_OF_A_MATRIX = 1L << 62;

    /** Checks the sizes. */
    public Gemm {
        Objects.requireNonNull(factors, "the type of the factors is null");
        Objects.requireNonNull(result, "the type of the result is null");
        if (m < 1 || n < 1 || k < 1 || batches < 1) {
            throw new IllegalArgumentException(batches + " products of (" + m + ", " + k + ") and (" + k + ", " + n
                    + "); each number must be at least 1");
        }
        require("lda", lda, transposedA ? m : k);
        require("ldb", ldb, transposedB ? k : n);
        require("ldc", ldc, n);
        boolean widened = result == CudaType.FLOAT32 && factors.isHalf();
        if (factors.isInteger() || (result != factors && !widened)) {
            throw new IllegalArgumentException("a product of " + factors + " in " + result + "; factors are float32, "
                    + "bf16, half or double, and the result has their type, or is float32 for bf16 and half");
        }
        if (tf32 && factors != CudaType.FLOAT32) {
            throw new IllegalArgumentException("TF32 rounds factors of float32, and these are " + factors);
        }
        // Results lie one after another, or side by side within the rows, like attention heads.
        boolean apart = strideC >= rows(m, n, ldc) || (strideC >= n && strideC <= (ldc - n) / Math.max(1, batches - 1));
        if (strideA < 0 || strideB < 0 || strideC < 0 || (batches > 1 && !apart)) {
            throw new IllegalArgumentException("strides of " + strideA + ", " + strideB + " and " + strideC
                    + " for " + batches + " products; none may be below 0, and no C may lie in another");
        }
        long farthest = Math.max(strideA, Math.max(strideB, strideC));
        if (farthest > (Long.MAX_VALUE - MOST_OF_A_MATRIX) / batches) {
            throw new IllegalArgumentException("a stride of " + farthest + " for " + batches
                    + " products, whose elements cannot be counted");
        }
    }

    private static void require(String what, int leading, int columns) {
        if (leading < columns) {
            throw new IllegalArgumentException(what + " is " + leading + ", and a row has " + columns + " elements");
        }
    }

    /** Elements from a matrix' first element to its last, with the gaps. */
    private static long rows(int rows, int columns, int leading) {
        return (rows - 1L) * leading + columns;
    }

    /** A product of float32 matrices without gaps or transposes. */
    public static Gemm of(int m, int n, int k) {
        return of(false, false, m, n, k);
    }

    /** A product of float32 matrices without gaps, transposed or not. */
    public static Gemm of(boolean transposedA, boolean transposedB, int m, int n, int k) {
        return new Gemm(transposedA, transposedB, m, n, k, transposedA ? m : k, transposedB ? k : n, n,
                CudaType.FLOAT32, CudaType.FLOAT32, false, 1, 0, 0, 0);
    }

    /**
     * This product with other leading dimensions, in elements.
     *
     * @throws IllegalArgumentException if a leading dimension is less than a row
     */
    public Gemm withLeading(int a, int b, int c) {
        return new Gemm(transposedA, transposedB, m, n, k, a, b, c, factors, result, tf32, batches, strideA, strideB,
                strideC);
    }

    /**
     * This product with other types, without TF32.
     *
     * @throws IllegalArgumentException if a type is an integer type, or the result's type is neither the factors' nor
     *                                  float32 for bf16 or half factors
     */
    public Gemm withTypes(CudaType ofFactors, CudaType ofResult) {
        return new Gemm(transposedA, transposedB, m, n, k, lda, ldb, ldc, ofFactors, ofResult, false, batches, strideA,
                strideB, strideC);
    }

    /**
     * This product with factors that may be rounded to TF32.
     *
     * @throws IllegalArgumentException if the factors are not float32
     */
    public Gemm withTf32() {
        return new Gemm(transposedA, transposedB, m, n, k, lda, ldb, ldc, factors, result, true, batches, strideA,
                strideB, strideC);
    }

    /**
     * A strided batch of products of this shape. The strides of A, B and C are in elements; a stride of 0 shares a
     * factor.
     *
     * @throws IllegalArgumentException if the count is below 1, a stride is below 0, or two results overlap
     */
    public Gemm withBatches(int count, long a, long b, long c) {
        return new Gemm(transposedA, transposedB, m, n, k, lda, ldb, ldc, factors, result, tf32, count, a, b, c);
    }

    /** Elements that A needs in a buffer, for all batches. */
    public long elementsA() {
        return strideA * (batches - 1) + (transposedA ? rows(k, m, lda) : rows(m, k, lda));
    }

    /** Elements that B needs in a buffer, for all batches. */
    public long elementsB() {
        return strideB * (batches - 1) + (transposedB ? rows(n, k, ldb) : rows(k, n, ldb));
    }

    /** Elements that C needs in a buffer, for all batches. */
    public long elementsC() {
        return strideC * (batches - 1) + rows(m, n, ldc);
    }
}
