package org.charlstm.cuda.jcuda;

import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import jcuda.Pointer;
import jcuda.jcublas.JCublas2;
import jcuda.jcublas.cublasHandle;
import jcuda.runtime.cudaStream_t;
import org.charlstm.cuda.Cublas;
import org.charlstm.cuda.CudaType;
import org.charlstm.cuda.StatusTable;

/** cuBLAS of CUDA 12 through JCuda. */
final class JcudaCublas implements Cublas {
    /** They live as long as the process: their addresses must not change. */
    private static final Pointer ONE = number(1f);
    private static final Pointer ZERO = number(0f);

    private final String place;

    JcudaCublas(String place) {
        this.place = place;
        JCublas2.initialize();
        JCublas2.setExceptionsEnabled(false);
    }

    private static void check(String call, int status) {
        StatusTable.CUBLAS.check(call, status);
    }

    private static Pointer number(float value) {
        return Address.pointer(Arena.global().allocateFrom(ValueLayout.JAVA_FLOAT, value));
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

    @Override
    public void multiply(long handle, Product of, long a, long b, long c) {
        check("cublasSgemm",
                JCublas2.cublasSgemm(handle(handle), of.operationA(), of.operationB(), of.m(), of.n(), of.k(),
                        ONE, Address.pointer(a), of.lda(), Address.pointer(b), of.ldb(), ZERO, Address.pointer(c),
                        of.ldc()));
    }

    /** JCuda 12.6 exports cublasGemmEx under a name that Java does not look for; this one calls the same function. */
    @Override
    public void multiplyBfloat16(long handle, Product of, long a, long b, long c, CudaType typeC) {
        int type = CudaType.BFLOAT16.cudaCode();
        check("cublasGemmEx",
                JCublas2.cublasGemmEx_new(handle(handle), of.operationA(), of.operationB(), of.m(), of.n(),
                        of.k(), ONE, Address.pointer(a), type, of.lda(), Address.pointer(b), type, of.ldb(), ZERO,
                        Address.pointer(c), typeC.cudaCode(), of.ldc(), COMPUTE_FLOAT32, DEFAULT_ALGORITHM));
    }
}
