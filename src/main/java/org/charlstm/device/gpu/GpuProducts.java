package org.charlstm.device.gpu;

import static org.charlstm.cuda.Cublas.AS_IS;
import static org.charlstm.cuda.Cublas.TRANSPOSED;

import java.util.Arrays;
import org.charlstm.CharlstmException;
import org.charlstm.cuda.Cublas;
import org.charlstm.cuda.CudaBuffer;
import org.charlstm.cuda.CudaContext;
import org.charlstm.cuda.CudaStopwatch;
import org.charlstm.cuda.CudaType;
import org.charlstm.cuda.Precision;

/**
 * Matrix products through cuBLAS. The matrices here are row-major; cuBLAS sees each as the column-major
 * matrix that is its transpose, and is asked for the transposed product.
 */
public final class GpuProducts {
    private static final long MIB = 1 << 20;
    private static final int HOPPER = 90;
    private static final String SETTING = "CHARLSTM_CUBLAS_MATH";
    /** Rows of the matrices by which the peak rate is measured. */
    private static final int SMALLEST = 256;
    private static final int LARGEST = 8192;
    /** Seconds beside which the launch of a product is negligible. */
    private static final double LONG_ENOUGH = 0.01;
    private static final int TIMES = 5;

    private final Cublas cublas;
    private final CudaContext context;
    private final Precision precision;
    private final GpuMemory memory;
    private final long handle;
    /** For products that run beside others, which must not share a workspace; 0 until one is wanted. */
    private long besideHandle;

    /** The handles and their workspaces live as long as the memory's scope. */
    public GpuProducts(CudaContext context, GpuMemory memory, Cublas cublas, Precision precision) {
        this.precision = precision;
        this.cublas = cublas;
        this.context = context;
        this.memory = memory;
        handle = open();
    }

    /** A handle for the current stream. NVIDIA advises a workspace of 32 MiB from Hopper on. */
    private long open() {
        CudaBuffer workspace = memory.forPurpose("cuBLAS workspace")
                .workspace((context.capability() >= HOPPER ? 32 : 8) * MIB);
        context.driver();
        long opened = cublas.create();
        memory.own(() -> cublas.destroy(opened));
        cublas.setStream(opened, context.stream());
        // After the stream, since setting that resets the workspace; a recorded product needs a workspace that stays.
        cublas.setWorkspace(opened, workspace.pointer(), workspace.bytes());
        cublas.setMathMode(opened, math(precision, System.getenv().getOrDefault(SETTING, "default")));
        return opened;
    }

    /** Opens the handle for products that run beside others, which takes memory. */
    public void openBeside() {
        if (besideHandle == 0 && context.overlaps()) {
            context.beside(() -> besideHandle = open());
            context.join();
        }
    }

    /**
     * cuBLAS's math mode. By default cublasSgemm is exact float32. Pedantic math is exact by definition, but may be
     * slower and would keep bf16 from the tensor cores; the setting allows to time both.
     */
    private static int math(Precision precision, String setting) {
        boolean pedantic = switch (setting) {
            case "", "default" -> false;
            case "pedantic" -> true;
            default -> throw new CharlstmException(SETTING + " is '" + setting + "'; it can be default or pedantic");
        };
        return precision == Precision.TF32 ? Cublas.TF32_MATH
                : precision == Precision.FLOAT32 && pedantic ? Cublas.PEDANTIC_MATH : Cublas.DEFAULT_MATH;
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
        multiply(AS_IS, AS_IS, n, m, k, b, n, a, k, c, typeC);
    }

    /** c (m,n) = a (m,k) times the transpose of b (n,k); c is float32, or of the factors' type. */
    public void byTransposed(int m, int n, int k, long a, long b, long c, CudaType typeC) {
        multiply(TRANSPOSED, AS_IS, n, m, k, b, k, a, k, c, typeC);
    }

    /** c (m,n) = the transpose of a (k,m) times b (k,n); c is float32, as gradients of parameters are. */
    public void ofTransposed(int m, int n, int k, long a, long b, long c) {
        multiply(AS_IS, TRANSPOSED, n, m, k, b, n, a, m, c, CudaType.FLOAT32);
    }

    private void multiply(int operationA, int operationB, int m, int n, int k, long a, int lda, long b, int ldb, long c,
            CudaType typeC) {
        context.driver();
        long at = context.isBeside() ? besideHandle : handle;
        Cublas.Product product = new Cublas.Product(operationA, operationB, m, n, k, lda, ldb, m);
        if (factors() == CudaType.BFLOAT16) {
            cublas.multiplyBfloat16(at, product, a, b, c, typeC);
        } else {
            cublas.multiply(at, product, a, b, c);
        }
    }

    /**
     * The peak rate of cuBLAS: products of larger and larger square matrices, until one takes long enough.
     *
     * @return floating-point operations a second, the best of all sizes
     */
    double ceiling() {
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
        try (GpuMemory scratch = new GpuMemory(context, factors())) {
            GpuMatrix matrix = scratch.matrix(n, n);
            // Not zeros, on which a GPU runs faster.
            matrix.fillRandomly(context, matrix.count(), 1);
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
