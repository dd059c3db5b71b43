// Shares memory and a stream with JCuda: JCuda allocates and fills, a kernel launched by this library computes, JCuda
// copies out. What JCuda binds and this library does not, such as cuFFT, joins in by the same addresses and handles.
// Needs JCuda's jars beside the library. The argument is the kernel's file:
//     examples/run WithJCuda.java examples/saxpy.cu

import java.nio.file.Path;
import java.util.Arrays;
import jcuda.Pointer;
import jcuda.Sizeof;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUstream;
import jcuda.driver.JCudaDriver;
import org.charlstm.cuda.Cuda;
import org.charlstm.cuda.CudaBuffer;
import org.charlstm.cuda.CudaModule;
import org.charlstm.cuda.CudaStream;
import org.charlstm.cuda.CudaType;
import org.charlstm.cuda.Grid;

void main(String[] arguments) {
    int n = 4;
    // The GPU is open before JCuda is used, so that JCuda's calls find its primary context current.
    try (Cuda gpu = Cuda.open();
            CudaModule module = gpu.compile(Path.of(arguments.length == 0 ? "saxpy.cu" : arguments[0]));
            CudaBuffer x = gpu.floats(1, 2, 3, 4)) {
        JCudaDriver.setExceptionsEnabled(true);
        Memory memory = new Memory();
        Work work = new Work();
        JCudaDriver.cuMemAlloc(memory, (long) n * Sizeof.FLOAT);
        JCudaDriver.cuStreamCreate(work, 1);
        JCudaDriver.cuMemcpyHtoDAsync(memory, Pointer.to(new float[] {10, 20, 30, 40}), (long) n * Sizeof.FLOAT, work);
        // JCuda's memory as a buffer, which is JCuda's to free, and its stream as the current one.
        CudaBuffer y = CudaBuffer.of(gpu, memory.address(), CudaType.FLOAT32, n);
        try (CudaStream stream = gpu.adopt(work.handle())) {
            gpu.synchronize();
            gpu.on(stream, () -> module.kernel("saxpy").launch(Grid.covering(n, 128), n, 2f, x, y));
        }
        float[] result = new float[n];
        JCudaDriver.cuMemcpyDtoHAsync(Pointer.to(result), memory, (long) n * Sizeof.FLOAT, work);
        JCudaDriver.cuStreamSynchronize(work);
        IO.println("JCuda reads " + Arrays.toString(result));
        // The other way: JCuda works at a buffer's address.
        CUdeviceptr ours = new CUdeviceptr().withByteOffset(x.pointer());
        JCudaDriver.cuMemsetD32(ours, Float.floatToRawIntBits(0.5f), n);
        // A fill returns before it is done, and the library's stream does not wait for the default one.
        JCudaDriver.cuCtxSynchronize();
        IO.println("JCuda has filled " + Arrays.toString(x.toFloats()));
        JCudaDriver.cuStreamDestroy(work);
        JCudaDriver.cuMemFree(memory);
    }
}

/** JCuda keeps addresses and handles to its subclasses. */
static final class Memory extends CUdeviceptr {
    long address() {
        return getNativePointer() + getByteOffset();
    }
}

static final class Work extends CUstream {
    long handle() {
        return getNativePointer();
    }
}
