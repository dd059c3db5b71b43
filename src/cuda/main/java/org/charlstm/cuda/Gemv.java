package org.charlstm.cuda;

/**
 * The shape of y = alpha op(A) x + beta y, of float32 or doubles. A is row-major, as in Java and NumPy; op is the matrix
 * itself or its transpose. Make one with {@link #of}, and change it by the {@code with} methods.
 *
 * @param transposed whether the transpose of A is multiplied: x has m elements then, and y n
 * @param m          rows of A
 * @param n          columns of A
 * @param lda        elements from one row of A to the next
 * @param stepX      elements from one of x to the next; stepY likewise
 * @param type       of all: float32 or double
 */
public record Gemv(boolean transposed, int m, int n, int lda, int stepX, int stepY, CudaType type) {
    /** Checks the sizes. */
    public Gemv {
        if (Given.that(type, "the type") != CudaType.FLOAT32 && type != CudaType.FLOAT64) {
            throw new IllegalArgumentException("a product with a vector of " + type + "; it is of float32 or double, "
                    + "and a Gemm with n = 1 takes other types");
        }
        if (m < 1 || n < 1 || stepX < 1 || stepY < 1) {
            throw new IllegalArgumentException("a matrix (" + m + ", " + n + ") and vectors in steps of " + stepX
                    + " and " + stepY + "; each number must be at least 1");
        }
        if (lda < n) {
            throw new IllegalArgumentException("lda is " + lda + ", and a row has " + n + " elements");
        }
    }

    /** Of float32 without gaps. */
    public static Gemv of(int m, int n) {
        return new Gemv(false, m, n, n, 1, 1, CudaType.FLOAT32);
    }

    /** The same with the transpose of A. */
    public Gemv withTransposed() {
        return new Gemv(true, m, n, lda, stepX, stepY, type);
    }

    /** The same with another distance of rows. */
    public Gemv withLeading(int a) {
        return new Gemv(transposed, m, n, a, stepX, stepY, type);
    }

    /** The same with vectors that are every so many elements of their buffers, such as a column of a matrix. */
    public Gemv withSteps(int x, int y) {
        return new Gemv(transposed, m, n, lda, x, y, type);
    }

    /** The same of another type. */
    public Gemv withType(CudaType other) {
        return new Gemv(transposed, m, n, lda, stepX, stepY, other);
    }

    /** Elements that A takes of a buffer; x and y likewise. */
    public long elementsA() {
        return (m - 1L) * lda + n;
    }

    /** Elements that x takes. */
    public long elementsX() {
        return ((transposed ? m : n) - 1L) * stepX + 1;
    }

    /** Elements that y takes. */
    public long elementsY() {
        return ((transposed ? n : m) - 1L) * stepY + 1;
    }
}
