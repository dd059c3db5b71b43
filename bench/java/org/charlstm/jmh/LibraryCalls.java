package org.charlstm.jmh;

import org.charlstm.cuda.Cuda;
import org.charlstm.cuda.CudaBuffer;
import org.charlstm.cuda.CudaEvent;
import org.charlstm.cuda.CudaType;
import org.charlstm.cuda.Gemm;
import org.charlstm.cuda.Gpus;
import org.charlstm.cuda.HostBuffer;
import org.charlstm.cuda.KernelLaunch;
import org.charlstm.cuda.KernelSignature;

/** Through the library's public classes, with all their checks. */
final class LibraryCalls implements CallCost.Calls {
    private static final Gemm GEMM = Gemm.of(GpuWork.SIZE, GpuWork.SIZE, GpuWork.SIZE);

    private final Cuda gpu;
    private final KernelLaunch launch;
    private final CudaBuffer memory;
    private final CudaBuffer a;
    private final CudaBuffer b;
    private final CudaBuffer c;
    private final HostBuffer host;
    private final CudaEvent event;

    LibraryCalls(GpuWork work) {
        gpu = Gpus.open(work.libraries);
        int words = GpuWork.COPY_BYTES / Integer.BYTES;
        memory = gpu.allocate(CudaType.INT32, words);
        launch = gpu.load("add", work.image).kernel(KernelSignature.ofKinds("add", "pii"))
                .prepare(GpuWork.GRID, memory, 1, 1);
        a = gpu.allocate(CudaType.FLOAT32, words);
        b = gpu.allocate(CudaType.FLOAT32, words);
        c = gpu.allocate(CudaType.FLOAT32, words);
        host = gpu.pinned(CudaType.INT32, words);
        event = gpu.newEvent(false);
    }

    @Override
    public void launch() {
        launch.launch();
    }

    @Override
    public void product() {
        gpu.blas().gemm(GEMM, 1, a, b, 0, c);
    }

    @Override
    public void copy() {
        memory.writeAsync(host);
    }

    @Override
    public void record() {
        event.record();
    }

    @Override
    public void await() {
        gpu.synchronize();
    }
}
