package org.charlstm.device.gpu.tools;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.cuda.CudaBlas;
import org.charlstm.cuda.CudaStopwatch;
import org.charlstm.cuda.CudaType;
import org.charlstm.cuda.Gemm;
import org.charlstm.cuda.Precision;

/** Products of row-major matrices through cuBLAS, in the device's precision. */
public final class GpuProducts {
    private static final String SETTING = "CHARLSTM_CUBLAS_MATH";
    /** The sizes of the square matrices with which the peak rate is measured. */
    private static final int SMALLEST = 256;
    private static final int LARGEST = 8192;
    /** Seconds of a product that make the time of its launch negligible. */
    private static final double LONG_ENOUGH = 0.01;
    private static final int TIMES = 5;

    private final CudaBlas blas;
    private final GpuContext context;
    private final Precision precision;
    /** The side streams that have a handle. */
    private final Set<Integer> prepared = new HashSet<>();

    public GpuProducts(GpuContext context, Precision precision) {
        this.precision = precision;
        this.context = context;
        blas = context.cuda().blas();
        if (pedantic(System.getenv().getOrDefault(SETTING, "default")) && precision == Precision.FLOAT32) {
            blas.pedantic();
        }
        blas.prepare();
    }

    /** Opens the cuBLAS handle for products on a side stream; this takes memory. */
    public void openBeside(int side) {
        if (context.overlaps() && prepared.add(side)) {
            context.beside(side, blas::prepare);
            context.join(side);
        }
    }

    /**
     * Whether the setting asks for cuBLAS's pedantic math mode. In default math mode cublasSgemm is exact float32.
     * Pedantic math is exact by definition, but may be slower and would keep bf16 from the tensor cores.
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

    public CudaType factors() {
        return CudaType.ofActivations(precision);
    }

    /** c = a b + beta c; c is float32 or of the factors' type. With beta 0, c is not read. */
    public void multiply(GpuView a, GpuView b, double beta, GpuView c) {
        Gemm gemm = Gemm.of(a.transposed(), b.transposed(), c.rows(), c.columns(),
                a.transposed() ? a.rows() : a.columns()).withLeading(a.leading(), b.leading(), c.leading());
        Gemm typed = precision == Precision.TF32 ? gemm.withTf32() : gemm.withTypes(factors(), c.type());
        blas.gemm(typed, 1, a.pointer(), b.pointer(), beta, c.pointer());
    }

    /** The peak rate of cuBLAS in operations a second: the best over growing squares, until a product takes long. */
    public double ceiling() {
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
            // The numbers are random, since a GPU runs faster on zeros.
            matrix.fillRandomly(matrix.count(), 1);
            GpuView factor = matrix.view();
            GpuView product = scratch.space(factors(), n, n);
            // The first product loads cuBLAS's code.
            multiply(factor, factor, 0, product);
            for (int i = 0; i <= TIMES; i++) {
                stopwatch.mark();
                if (i < TIMES) {
                    multiply(factor, factor, 0, product);
                }
            }
            return Arrays.stream(stopwatch.laps()).min().orElseThrow();
        }
    }
}
