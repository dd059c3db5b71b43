package org.charlstm.device.gpu;

import java.util.Arrays;
import org.charlstm.CharlstmException;
import org.charlstm.cuda.CudaBlas;
import org.charlstm.cuda.CudaStopwatch;
import org.charlstm.cuda.CudaType;
import org.charlstm.cuda.Gemm;
import org.charlstm.cuda.Precision;

/** Matrix products through cuBLAS, of row-major matrices in the device's precision. */
public final class GpuProducts {
    private static final String SETTING = "CHARLSTM_CUBLAS_MATH";
    /** Rows of the matrices by which the peak rate is measured. */
    private static final int SMALLEST = 256;
    private static final int LARGEST = 8192;
    /** Seconds beside which the launch of a product is negligible. */
    private static final double LONG_ENOUGH = 0.01;
    private static final int TIMES = 5;

    private final CudaBlas blas;
    private final GpuContext context;
    private final Precision precision;
    private boolean beside;

    public GpuProducts(GpuContext context, Precision precision) {
        this.precision = precision;
        this.context = context;
        blas = context.cuda().blas();
        if (pedantic(System.getenv().getOrDefault(SETTING, "default")) && precision == Precision.FLOAT32) {
            blas.pedantic();
        }
        blas.prepare();
    }

    /** Opens the handle for products that run beside others, which takes memory. */
    public void openBeside() {
        if (!beside && context.overlaps()) {
            context.beside(blas::prepare);
            context.join();
            beside = true;
        }
    }

    /**
     * cuBLAS's math mode. By default cublasSgemm is exact float32. Pedantic math is exact by definition, but may be
     * slower and would keep bf16 from the tensor cores; the setting allows to time both.
     */
    private static boolean pedantic(String setting) {
        return switch (setting) {
            case "", "default" -> false;
            case "pedantic" -> true;
            default -> throw new CharlstmException(SETTING + " is '" + setting + "'; it can be default or pedantic");
        };
    }

    public Precision precision() {
        return precision;
    }

    /** The type of factors. */
    public CudaType factors() {
        return CudaType.ofActivations(precision);
    }

    /** c (m,n) = a (m,k) b (k,n); c is float32, or of the factors' type. */
    public void plain(int m, int n, int k, long a, long b, long c, CudaType typeC) {
        multiply(Gemm.of(m, n, k), a, b, 0, c, typeC);
    }

    /** c (m,n) = a (m,k) times the transpose of b (n,k); c is float32, or of the factors' type. */
    public void byTransposed(int m, int n, int k, long a, long b, long c, CudaType typeC) {
        multiply(Gemm.of(false, true, m, n, k), a, b, 0, c, typeC);
    }

    /** c (m,n) = the transpose of a (k,m) times b (k,n); c is float32, as gradients of parameters are. */
    public void ofTransposed(int m, int n, int k, long a, long b, long c) {
        multiply(Gemm.of(true, false, m, n, k), a, b, 0, c, CudaType.FLOAT32);
    }

    /** c (m,n) = op(a) (m,k) times op(b) (k,n), each factor itself or transposed; c as in {@link #plain}. */
    public void any(boolean transposedA, boolean transposedB, int m, int n, int k, long a, long b, long c,
            CudaType typeC) {
        multiply(Gemm.of(transposedA, transposedB, m, n, k), a, b, 0, c, typeC);
    }

    /** c = the product + beta c; c as in {@link #plain}, and not read with beta 0. */
    void multiply(Gemm gemm, long a, long b, double beta, long c, CudaType typeC) {
        Gemm typed = precision == Precision.TF32 ? gemm.withTf32() : gemm.withTypes(factors(), typeC);
        blas.gemm(typed, 1, a, b, beta, c);
    }

    /**
     * The peak rate of cuBLAS: products of larger and larger square matrices, until one takes long enough.
     *
     * @return floating-point operations a second, the best of all sizes
     */
    double ceiling() {
        double best = 0;
        try (CudaStopwatch stopwatch = context.cuda().newStopwatch()) {
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
        try (GpuMemory scratch = new GpuMemory(context, factors())) {
            GpuMatrix matrix = scratch.matrix(n, n);
            // Not zeros, on which a GPU runs faster.
            matrix.fillRandomly(matrix.count(), 1);
            long factor = matrix.pointer();
            long product = scratch.workspace((long) factors().bytes() * n * n).pointer();
            // The first product loads cuBLAS's code.
            plain(n, n, n, factor, factor, product, factors());
            for (int i = 0; i <= TIMES; i++) {
                stopwatch.mark();
                if (i < TIMES) {
                    plain(n, n, n, factor, factor, product, factors());
                }
            }
            return Arrays.stream(stopwatch.laps()).min().orElseThrow();
        }
    }
}
