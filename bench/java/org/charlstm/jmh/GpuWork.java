package org.charlstm.jmh;

import module java.base;
import org.charlstm.cuda.CudaSource;
import org.charlstm.cuda.CudaType;
import org.charlstm.cuda.Grid;
import org.charlstm.cuda.binding.Cublas;
import org.charlstm.cuda.binding.CudaBinding;
import org.charlstm.cuda.binding.CudaDriver;
import org.charlstm.cuda.binding.CudaLibraries;
import org.charlstm.cuda.binding.KernelCompiler;
import org.charlstm.cuda.binding.LaunchArguments;
import org.charlstm.cuda.binding.LibrarySearch;
import org.charlstm.device.gpu.tools.KernelImages.Compiled;
import org.charlstm.device.gpu.tools.KernelImages.FatBinary;
import org.charlstm.device.gpu.tools.KernelImages.JarFiles;

/** A GPU with all that the calls of {@link CallCost} need; its own calls go through a binding. */
final class GpuWork implements AutoCloseable, CallCost.Calls {
    static final int SIZE = 16;
    static final int COPY_BYTES = 1024;
    private static final int WORKSPACE_BYTES = 1 << 20;
    static final Cublas.Product PRODUCT = new Cublas.Product(Cublas.AS_IS, Cublas.AS_IS, SIZE, SIZE, SIZE, SIZE, SIZE,
            SIZE, CudaType.FLOAT32, CudaType.FLOAT32);
    static final Grid GRID = Grid.of(1, 32);

    final LibrarySearch search = new LibrarySearch(Optional.of(Path.of(System.getenv("CHARLSTM_LIBCUDA"))
            .toAbsolutePath().getParent()));
    final Arena arena = Arena.ofShared();
    final CudaLibraries libraries;
    final CudaDriver driver;
    final Cublas cublas;
    final byte[] image;
    final long stream;
    final long event;
    final long function;
    final long memory;
    final long a;
    final long b;
    final long c;
    final long handle;
    final MemorySegment host = arena.allocate(COPY_BYTES, 64);
    final MemorySegment arguments;

    GpuWork(CudaBinding binding) {
        libraries = new CudaLibraries(binding, search);
        driver = libraries.driver();
        driver.cuCtxSetCurrent(driver.cuDevicePrimaryCtxRetain(driver.cuDeviceGet(0)));
        stream = driver.cuStreamCreateWithPriority(CudaDriver.NON_BLOCKING, 0);
        event = driver.cuEventCreate(CudaDriver.DISABLE_TIMING);
        image = FatBinary.in(JarFiles.IN_JAR).map(binary -> binary.image("add")).orElseGet(this::compiled);
        function = driver.cuModuleGetFunction(driver.cuModuleLoadData(arena.allocateFrom(ValueLayout.JAVA_BYTE, image)),
                "add");
        memory = zeros();
        a = zeros();
        b = zeros();
        c = zeros();
        arguments = LaunchArguments.of(arena, "pii", memory, 1, 1);
        cublas = binding.cublas(search, List.of(12));
        handle = cublas.cublasCreate_v2();
        cublas.cublasSetStream_v2(handle, stream);
        cublas.cublasSetWorkspace_v2(handle, driver.cuMemAlloc_v2(WORKSPACE_BYTES), WORKSPACE_BYTES);
    }

    private byte[] compiled() {
        int capability = 10 * driver.cuDeviceGetAttribute(CudaDriver.COMPUTE_CAPABILITY_MAJOR, 0)
                + driver.cuDeviceGetAttribute(CudaDriver.COMPUTE_CAPABILITY_MINOR, 0);
        CudaSource source = Compiled.source(JarFiles.IN_JAR, "add");
        return KernelCompiler.of(libraries, capability).compile(source).image();
    }

    private long zeros() {
        long pointer = driver.cuMemAlloc_v2(COPY_BYTES);
        driver.cuMemsetD32Async(pointer, 0, COPY_BYTES / 4, stream);
        return pointer;
    }

    @Override
    public void launch() {
        driver.launch(function, GRID, stream, arguments);
    }

    @Override
    public void product() {
        cublas.multiply(handle, PRODUCT, 1, a, b, 0, c);
    }

    @Override
    public void copy() {
        driver.copyToDevice(memory, host, stream);
    }

    @Override
    public void record() {
        driver.cuEventRecord(event, stream);
    }

    @Override
    public void await() {
        driver.cuStreamSynchronize(stream);
    }

    @Override
    public void close() {
        await();
        arena.close();
    }
}
