package org.charlstm.cuda.panama;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.charlstm.cuda.Cublas;
import org.charlstm.cuda.CudaType;
import org.charlstm.cuda.LibrarySearch;
import org.charlstm.cuda.StatusTable;
import org.charlstm.cuda.panama.NativeFunctions.Function;

/** cuBLAS through java.lang.foreign. */
final class PanamaCublas implements Cublas {
    private final MemorySegment one = Arena.ofAuto().allocateFrom(ValueLayout.JAVA_FLOAT, 1f);
    private final MemorySegment zero = Arena.ofAuto().allocateFrom(ValueLayout.JAVA_FLOAT, 0f);
    private final LibrarySearch.Found library;
    @SuppressWarnings("NullAway") // The constructor sets the library first.
    private final NativeFunctions functions = new NativeFunctions(library, StatusTable.CUBLAS::check);
    private final Function getProperty = functions.required("cublasGetProperty", "ip");
    private final Function create = functions.required("cublasCreate_v2", "p");
    private final Function destroy = functions.required("cublasDestroy_v2", "l");
    private final Function setStream = functions.required("cublasSetStream_v2", "ll");
    private final Function setWorkspace = functions.required("cublasSetWorkspace_v2", "lll");
    private final Function setMathMode = functions.required("cublasSetMathMode", "li");
    private final Function sgemm = functions.required("cublasSgemm_v2", "liiiiiplilipli");
    private final Function gemmEx = functions.required("cublasGemmEx", "liiiiipliiliipliiii");

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
    public void multiply(long handle, Product of, long a, long b, long c) {
        sgemm.call(handle, of.operationA(), of.operationB(), of.m(), of.n(), of.k(), one, a, of.lda(), b, of.ldb(),
                zero,
                c, of.ldc());
    }

    @Override
    public void multiplyBfloat16(long handle, Product of, long a, long b, long c, CudaType typeC) {
        int type = CudaType.BFLOAT16.cudaCode();
        gemmEx.call(handle, of.operationA(), of.operationB(), of.m(), of.n(), of.k(), one, a, type, of.lda(), b, type,
                of.ldb(), zero, c, typeC.cudaCode(), of.ldc(), COMPUTE_FLOAT32, DEFAULT_ALGORITHM);
    }
}
