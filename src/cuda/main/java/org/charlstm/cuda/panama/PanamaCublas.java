package org.charlstm.cuda.panama;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import org.charlstm.cuda.binding.Cublas;
import org.charlstm.cuda.binding.LibrarySearch;
import org.charlstm.cuda.binding.ProductFactors;
import org.charlstm.cuda.binding.StatusTable;
import org.charlstm.cuda.panama.NativeFunctions.Function;

/** cuBLAS through java.lang.foreign. */
final class PanamaCublas implements Cublas {
    private static final String SGEMM_KINDS = "liiiiiplilipli";
    private static final String GEMM_KINDS = "liiiiipliiliipliiii";
    private static final String GEMM_BATCHED_KINDS = "liiiiipliilliilpliiliii";
    // Constants, as those of ExactCalls.
    private static final MethodHandle SGEMM = NativeFunctions.caller(SGEMM_KINDS);
    private static final MethodHandle GEMM = NativeFunctions.caller(GEMM_KINDS);
    private static final MethodHandle GEMM_BATCHED = NativeFunctions.caller(GEMM_BATCHED_KINDS);

    private final LibrarySearch.Found library;
    @SuppressWarnings("NullAway") // The constructor sets the library first.
    private final NativeFunctions functions = new NativeFunctions(library, StatusTable.CUBLAS::check);
    private final Function getProperty = functions.required("cublasGetProperty", "ip");
    private final Function create = functions.required("cublasCreate_v2", "p");
    private final Function destroy = functions.required("cublasDestroy_v2", "l");
    private final Function setStream = functions.required("cublasSetStream_v2", "ll");
    private final Function setWorkspace = functions.required("cublasSetWorkspace_v2", "lll");
    private final Function setMathMode = functions.required("cublasSetMathMode", "li");
    private final Function sgemm = functions.required("cublasSgemm_v2", SGEMM_KINDS);
    private final Function gemmEx = functions.required("cublasGemmEx", GEMM_KINDS);
    private final Function gemmStridedBatchedEx =
            functions.required("cublasGemmStridedBatchedEx", GEMM_BATCHED_KINDS);

    PanamaCublas(LibrarySearch.Found library) {
        this.library = library;
        super();
        functions.requireAll("install cuBLAS of CUDA 12 or 13");
    }

    @Override
    public String place() {
        return library.place();
    }

    @Override
    public int property(int which) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment value = arena.allocate(ValueLayout.JAVA_INT);
            getProperty.call(which, value);
            return value.get(ValueLayout.JAVA_INT, 0);
        }
    }

    @Override
    public long create() {
        return create.longResult();
    }

    @Override
    public void destroy(long handle) {
        destroy.call(handle);
    }

    @Override
    public void setStream(long handle, long stream) {
        setStream.call(handle, stream);
    }

    @Override
    public void setWorkspace(long handle, long pointer, long bytes) {
        setWorkspace.call(handle, pointer, bytes);
    }

    @Override
    public void setMathMode(long handle, int mode) {
        setMathMode.call(handle, mode);
    }

    @Override
    public void multiply(long handle, Product of, double alpha, long a, long b, double beta, long c) {
        boolean several = of.batches() != 1;
        Function function = several ? gemmStridedBatchedEx : of.inFloat32() ? sgemm : gemmEx;
        ProductFactors factors = ProductFactors.of(of, alpha, beta);
        int type = of.factors().cudaCode();
        int result = of.result().cudaCode();
        try {
            int status;
            if (several) {
                status = (int) GEMM_BATCHED.invokeExact(function.address(GEMM_BATCHED_KINDS), handle, of.operationA(),
                        of.operationB(), of.m(), of.n(), of.k(), factors.alpha(), a, type, of.lda(), of.strideA(), b,
                        type, of.ldb(), of.strideB(), factors.beta(), c, result, of.ldc(), of.strideC(), of.batches(),
                        of.compute(), DEFAULT_ALGORITHM);
            } else if (of.inFloat32()) {
                status = (int) SGEMM.invokeExact(function.address(SGEMM_KINDS), handle, of.operationA(),
                        of.operationB(), of.m(), of.n(), of.k(), factors.alpha(), a, of.lda(), b, of.ldb(),
                        factors.beta(), c, of.ldc());
            } else {
                status = (int) GEMM.invokeExact(function.address(GEMM_KINDS), handle, of.operationA(), of.operationB(),
                        of.m(), of.n(), of.k(), factors.alpha(), a, type, of.lda(), b, type, of.ldb(), factors.beta(),
                        c, result, of.ldc(), of.compute(), DEFAULT_ALGORITHM);
            }
            function.check(status);
        } catch (Throwable thrown) {
            throw function.unexpected(thrown);
        }
    }
}
