package org.charlstm.jmh;

import jcuda.Pointer;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUevent;
import jcuda.driver.CUfunction;
import jcuda.driver.CUmodule;
import jcuda.driver.CUstream;
import jcuda.driver.JCudaDriver;
import jcuda.jcublas.JCublas2;
import jcuda.jcublas.cublasHandle;
import jcuda.runtime.cudaStream_t;
import module java.base;

/** By JCuda's methods, with objects made once: the least that a call can take through JCuda. */
final class RawJcudaCalls implements CallCost.Calls {
    private final CUstream stream = new CUstream();
    private final CUevent event = new CUevent();
    private final CUfunction function = new CUfunction();
    private final CUdeviceptr memory;
    private final CUdeviceptr a;
    private final CUdeviceptr b;
    private final CUdeviceptr c;
    private final cublasHandle handle = new cublasHandle();
    private final Pointer arguments;
    private final Pointer host;
    private final Pointer alpha;
    private final Pointer beta;

    RawJcudaCalls(GpuWork work) {
        check(JCudaDriver.cuStreamCreateWithPriority(stream, 1, 0));
        check(JCudaDriver.cuEventCreate(event, 2));
        CUmodule module = new CUmodule();
        check(JCudaDriver.cuModuleLoadData(module, work.image));
        check(JCudaDriver.cuModuleGetFunction(function, module, "add"));
        memory = zeros();
        a = zeros();
        b = zeros();
        c = zeros();
        CUdeviceptr workspace = new CUdeviceptr();
        check(JCudaDriver.cuMemAlloc(workspace, GpuWork.WORKSPACE_BYTES));
        check(JCublas2.cublasCreate(handle));
        check(JCublas2.cublasSetStream(handle, new cudaStream_t(stream)));
        check(JCublas2.cublasSetWorkspace(handle, workspace, GpuWork.WORKSPACE_BYTES));
        arguments = pointer(work.arguments);
        host = pointer(work.host);
        alpha = pointer(work.arena.allocateFrom(ValueLayout.JAVA_FLOAT, 1));
        beta = pointer(work.arena.allocateFrom(ValueLayout.JAVA_FLOAT, 0));
    }

    private static Pointer pointer(MemorySegment memory) {
        return Pointer.to(memory.asByteBuffer());
    }

    private CUdeviceptr zeros() {
        CUdeviceptr pointer = new CUdeviceptr();
        check(JCudaDriver.cuMemAlloc(pointer, GpuWork.COPY_BYTES));
        check(JCudaDriver.cuMemsetD32Async(pointer, 0, GpuWork.COPY_BYTES / 4, stream));
        return pointer;
    }

    private static void check(int status) {
        if (status != 0) {
            throw new IllegalStateException("status " + status);
        }
    }

    @Override
    public void launch() {
        check(JCudaDriver.cuLaunchKernel(function, 1, 1, 1, 32, 1, 1, 0, stream, arguments, null));
    }

    @Override
    public void product() {
        check(JCublas2.cublasSgemm(handle, 0, 0, GpuWork.SIZE, GpuWork.SIZE, GpuWork.SIZE, alpha, a, GpuWork.SIZE, b,
                GpuWork.SIZE, beta, c, GpuWork.SIZE));
    }

    @Override
    public void copy() {
        check(JCudaDriver.cuMemcpyHtoDAsync(memory, host, GpuWork.COPY_BYTES, stream));
    }

    @Override
    public void record() {
        check(JCudaDriver.cuEventRecord(event, stream));
    }
}
