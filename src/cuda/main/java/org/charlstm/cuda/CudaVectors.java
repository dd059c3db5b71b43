package org.charlstm.cuda;

import module java.base;
import org.charlstm.cuda.binding.Cublas;

/**
 * BLAS on vectors by cuBLAS, enqueued on the current stream: whole buffers, or views of them, of float32, double, half
 * or bf16. Sums of half and bf16 are float32, and results have the type of the vectors.
 */
public final class CudaVectors {
    private final Cuda cuda;
    private final Cublas cublas;
    private final CublasHandles handles;
    /** One-element buffers for results that the host waits for. */
    private final Map<CudaType, CudaBuffer> sums = new EnumMap<>(CudaType.class);

    CudaVectors(Cuda cuda, Cublas cublas, CublasHandles handles) {
        this.cuda = cuda;
        this.cublas = cublas;
        this.handles = handles;
    }

    /**
     * y = alpha x + y.
     *
     * @throws IllegalArgumentException if the vectors differ in type or length, or are the same
     */
    public void axpy(double alpha, CudaBuffer x, CudaBuffer y) {
        long pointerX = pointer("x", x);
        long pointerY = pointer("y", y);
        requireAlike(x, y);
        if (pointerX == pointerY) {
            throw new IllegalArgumentException("vector y is vector x itself; scal multiplies a vector");
        }
        cublas.axpy(handles.current().withScalars(Cublas.SCALARS_OF_HOST), x.type(), requireLength(x), alpha, pointerX,
                pointerY);
    }

    /** x = alpha x. */
    public void scal(double alpha, CudaBuffer x) {
        long pointer = pointer("x", x);
        cublas.scal(handles.current().withScalars(Cublas.SCALARS_OF_HOST), x.type(), requireLength(x), alpha, pointer);
    }

    /**
     * The dot product of two vectors, written to the first element of {@code result} in device memory. The call can be
     * recorded, and the host does not wait.
     */
    public void dot(CudaBuffer x, CudaBuffer y, CudaBuffer result) {
        long pointerX = pointer("x", x);
        long pointerY = pointer("y", y);
        requireAlike(x, y);
        long to = result(result, x, y);
        cublas.dot(handles.current().withScalars(Cublas.SCALARS_OF_DEVICE), x.type(), requireLength(x), pointerX,
                pointerY, to);
    }

    /** The same, which the host waits for; it cannot be recorded. */
    public double dot(CudaBuffer x, CudaBuffer y) {
        CudaBuffer sum = sum(x);
        dot(x, y, sum);
        return value(sum);
    }

    /**
     * The Euclidean norm of a vector, written to the first element of {@code result} as by {@link #dot(CudaBuffer,
     * CudaBuffer, CudaBuffer)}.
     */
    public void nrm2(CudaBuffer x, CudaBuffer result) {
        long pointer = pointer("x", x);
        long to = result(result, x, x);
        cublas.nrm2(handles.current().withScalars(Cublas.SCALARS_OF_DEVICE), x.type(), requireLength(x), pointer, to);
    }

    /** Waits for the Euclidean norm of a vector, and returns it; this call cannot be recorded. */
    public double nrm2(CudaBuffer x) {
        CudaBuffer sum = sum(x);
        nrm2(x, sum);
        return value(sum);
    }

    private long pointer(String name, CudaBuffer vector) {
        long pointer = Objects.requireNonNull(vector, "the vector " + name + " is null").pointerFor(cuda);
        CudaType type = vector.type();
        if (!type.isHalf() && type != CudaType.FLOAT32 && type != CudaType.FLOAT64) {
            throw new IllegalArgumentException("vector " + name + " is of " + type
                    + "; vectors are of float32, double, half or bf16");
        }
        return pointer;
    }

    private static int requireLength(CudaBuffer x) {
        if (x.count() > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("a vector of " + x.count() + " elements; there may be "
                    + Integer.MAX_VALUE + " at most, and views are some of them");
        }
        return (int) x.count();
    }

    private static void requireAlike(CudaBuffer x, CudaBuffer y) {
        if (x.type() != y.type() || x.count() != y.count()) {
            throw new IllegalArgumentException("vectors of " + x.count() + " elements of " + x.type() + " and of "
                    + y.count() + " of " + y.type() + "; they must be alike, and a view is some of a buffer");
        }
    }

    private long result(CudaBuffer result, CudaBuffer x, CudaBuffer y) {
        long pointer = Objects.requireNonNull(result, "the buffer of the result is null").pointerFor(cuda);
        if (result.type() != x.type()) {
            throw new IllegalArgumentException("a result of " + result.type() + " for vectors of " + x.type()
                    + "; it must have their type");
        }
        for (CudaBuffer vector : List.of(x, y)) {
            long from = pointer - vector.pointerFor(cuda);
            if (from >= 0 && from < vector.bytes()) {
                throw new IllegalArgumentException("the result is an element of a vector; it needs memory of its own");
            }
        }
        return pointer;
    }

    /** The one-element buffer of a vector's result for the host. */
    private CudaBuffer sum(CudaBuffer x) {
        pointer("x", x);
        return sums.computeIfAbsent(x.type(), type -> cuda.kept(cuda.allocate(type, 1, "sum of a vector")));
    }

    private static double value(CudaBuffer sum) {
        return sum.type() == CudaType.FLOAT64 ? sum.toDoubles()[0] : sum.toFloats()[0];
    }
}
