package org.charlstm.cuda.jcuda;

import jcuda.jcublas.JCublas2;
import jcuda.jcublas.cublasHandle;
import jcuda.runtime.cudaStream_t;
import org.charlstm.cuda.binding.Cublas;
import org.charlstm.cuda.binding.ProductFactors;
import org.charlstm.cuda.binding.StatusTable;

/** cuBLAS of CUDA 12 through JCuda. */
final class JcudaCublas implements Cublas {
    private final String place;

    JcudaCublas(String place) {
        this.place = place;
        JCublas2.initialize();
        JCublas2.setExceptionsEnabled(false);
    }

    private static void check(String call, int status) {
        StatusTable.CUBLAS.check(call, status);
    }

    private static cublasHandle handle(long handle) {
        return Address.in(new cublasHandle(), handle);
    }

    @Override
    public String place() {
        return place;
    }

    @Override
    public int property(int which) {
        int[] value = new int[1];
        check("cublasGetProperty", JCublas2.cublasGetProperty(which, value));
        return value[0];
    }

    @Override
    public long create() {
        cublasHandle handle = new cublasHandle();
        check("cublasCreate", JCublas2.cublasCreate(handle));
        return Address.of(handle);
    }

    @Override
    public void destroy(long handle) {
        check("cublasDestroy", JCublas2.cublasDestroy(handle(handle)));
    }

    @Override
    public void setStream(long handle, long stream) {
        check("cublasSetStream",
                JCublas2.cublasSetStream(handle(handle), Address.in(new cudaStream_t(), stream)));
    }

    @Override
    public void setWorkspace(long handle, long pointer, long bytes) {
        check("cublasSetWorkspace",
                JCublas2.cublasSetWorkspace(handle(handle), Address.pointer(pointer), bytes));
    }

    @Override
    public void setMathMode(long handle, int mode) {
        check("cublasSetMathMode", JCublas2.cublasSetMathMode(handle(handle), mode));
    }

    /**
     * JCuda 12.6 exports cublasGemmEx and cublasGemmStridedBatchedEx under names that Java does not look for; those
     * that end in "new" call the same functions.
     */
    @Override
    public void multiply(long handle, Product of, double alpha, long a, long b, double beta, long c) {
        ProductArguments with = ProductArguments.of(handle, ProductFactors.of(of, alpha, beta), a, b, c);
        int type = of.factors().cudaCode();
        int result = of.result().cudaCode();
        if (of.batches() != 1) {
            check("cublasGemmStridedBatchedEx", JCublas2.cublasGemmStridedBatchedEx_new(with.handle, of.operationA(),
                    of.operationB(), of.m(), of.n(), of.k(), with.alpha, with.a, type, of.lda(), of.strideA(), with.b,
                    type, of.ldb(), of.strideB(), with.beta, with.c, result, of.ldc(), of.strideC(), of.batches(),
                    of.compute(), DEFAULT_ALGORITHM));
        } else if (of.inFloat32()) {
            check("cublasSgemm", JCublas2.cublasSgemm(with.handle, of.operationA(), of.operationB(), of.m(), of.n(),
                    of.k(), with.alpha, with.a, of.lda(), with.b, of.ldb(), with.beta, with.c, of.ldc()));
        } else {
            check("cublasGemmEx", JCublas2.cublasGemmEx_new(with.handle, of.operationA(), of.operationB(), of.m(),
                    of.n(), of.k(), with.alpha, with.a, type, of.lda(), with.b, type, of.ldb(), with.beta, with.c,
                    result, of.ldc(), of.compute(), DEFAULT_ALGORITHM));
        }
    }
}
