package org.charlstm.device.gpu;

import module java.base;
import org.charlstm.cuda.Cuda;
import org.charlstm.cuda.CudaException;
import org.charlstm.cuda.Gpus;
import org.charlstm.cuda.Resources;
import org.charlstm.cuda.binding.CudaDriver;
import org.charlstm.cuda.binding.CudaLibraries;
import org.charlstm.device.DeviceOptions;
import org.charlstm.device.GpuOptions;
import org.charlstm.device.gpu.tools.ExcludedCandidates;
import org.charlstm.device.gpu.tools.GpuContext;
import org.charlstm.device.gpu.tools.Kernel;
import org.charlstm.device.gpu.tools.KernelImages;
import org.charlstm.device.gpu.tools.Kernels;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;

/** The simulated GPU with the kernels on it, for tests of the kernels alone. */
public final class Gpu implements AutoCloseable {
    /** For whole devices: through cuDNN, whatever {@code auto} takes. */
    public static final DeviceOptions OPTIONS = running("standard");

    private final Arena arena = Arena.ofConfined();
    private final Resources resources = new Resources();
    private final GpuContext context;
    private final CudaDriver driver;
    private final Kernels kernels;

    private Gpu(CudaLibraries libraries) {
        driver = libraries.driver();
        resources.add(arena::close);
        try {
            Cuda cuda = Gpus.installation(libraries).lend(0);
            resources.add(cuda::close);
            context = new GpuContext(cuda);
            resources.add(context::close);
            // The simulated GPU has the kernels built in, whatever is in an image: this tries where images come from.
            kernels = new Kernels(context, KernelImages.of(cuda.installation(), context.capability()));
            resources.add(kernels::close);
        } catch (RuntimeException e) {
            throw resources.closeAfter(e);
        }
    }

    /** Options by which an engine of a name, or cuDNN by an algorithm, runs the LSTM. */
    public static DeviceOptions running(String name) {
        boolean engine = Stream.of(GpuOptions.Engine.values()).map(Object::toString).anyMatch(name::equals);
        return DeviceOptions.DEFAULT.with(engine
                ? GpuOptions.DEFAULT.with(GpuOptions.named(GpuOptions.Engine.class, name))
                : GpuOptions.DEFAULT.with(GpuOptions.named(GpuOptions.Algorithm.class, name)));
    }

    /** The same, but no step is recorded. */
    public static DeviceOptions callByCall(DeviceOptions options) {
        return options.with(options.gpu().withGraphs(false));
    }

    /** The whole device, on which nothing is measured. */
    public static GpuDevice device(DeviceOptions options) {
        return device(options, null);
    }

    /**
     * The whole device, as if it were a card on which a clock of nanoseconds measures. It keeps no engine that breaks
     * it: the next test may try that again.
     */
    public static GpuDevice device(DeviceOptions options, @Nullable LongSupplier clock) {
        return new GpuDevice("cudasim", Gpus.installation(Gpus.libraries()), options, clock, ExcludedCandidates.NONE);
    }

    /** The whole device, whose LSTM an engine of a name, or cuDNN by an algorithm, runs. */
    public static GpuDevice device(String name) {
        return device(running(name));
    }

    /** Opens it. */
    public static Gpu open() {
        return new Gpu(Gpus.libraries());
    }

    /** Opens it for kernels that are empty below a compute capability, such as 80: a test of them is over there. */
    public static Gpu having(int capability) {
        Gpu gpu = open();
        if (gpu.context.capability() < capability) {
            int has = gpu.context.capability();
            gpu.close();
            Assumptions.abort("compute capability " + has + " is below " + capability);
        }
        return gpu;
    }

    public GpuContext context() {
        return context;
    }

    public Kernels kernels() {
        return kernels;
    }

    CudaDriver driver() {
        return driver;
    }

    long stream() {
        return context.cuda().stream().handle();
    }

    public long floats(double... values) {
        MemorySegment host = arena.allocate(ValueLayout.JAVA_FLOAT, values.length);
        for (int i = 0; i < values.length; i++) {
            host.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) values[i]);
        }
        return upload(host);
    }

    /** As bf16 where that is wanted; values that it can hold. */
    public long numbers(boolean bf16, double... values) {
        return bf16 ? converted(floats(values), values.length, 1) : floats(values);
    }

    private long converted(long from, int count, int toBf16) {
        long to = fresh(toBf16 == 1 ? 2L * count : 4L * count);
        each(Kernel.CONVERT, count, from, to, count, toBf16);
        return to;
    }

    public long doubles(double... values) {
        return upload(arena.allocateFrom(ValueLayout.JAVA_DOUBLE, values));
    }

    public long ints(int... values) {
        return upload(arena.allocateFrom(ValueLayout.JAVA_INT, values));
    }

    private long upload(MemorySegment host) {
        long pointer = fresh(host.byteSize());
        driver.copyToDevice(pointer, host, stream());
        return pointer;
    }

    /** Memory that nobody has written. */
    public long fresh(long bytes) {
        long pointer = driver.cuMemAlloc_v2(bytes);
        resources.add(() -> driver.cuMemFree_v2(pointer));
        return pointer;
    }

    public double[] readFloats(long pointer, int count) {
        MemorySegment host = download(pointer, 4L * count);
        double[] values = new double[count];
        for (int i = 0; i < count; i++) {
            values[i] = host.getAtIndex(ValueLayout.JAVA_FLOAT, i);
        }
        return values;
    }

    public double[] readNumbers(boolean bf16, long pointer, int count) {
        return readFloats(bf16 ? converted(pointer, count, 0) : pointer, count);
    }

    public double[] readDoubles(long pointer, int count) {
        return download(pointer, 8L * count).toArray(ValueLayout.JAVA_DOUBLE);
    }

    public int[] readInts(long pointer, int count) {
        return download(pointer, 4L * count).toArray(ValueLayout.JAVA_INT);
    }

    private MemorySegment download(long pointer, long bytes) {
        MemorySegment host = arena.allocate(bytes, 8);
        driver.copyToHost(host, pointer, stream());
        driver.cuStreamSynchronize(stream());
        return host;
    }

    public void each(Kernel kernel, long n, Object... arguments) {
        kernels.each(kernel, n, arguments);
    }

    public void launch(Kernel kernel, int blocks, int threadsX, int threadsY, Object... arguments) {
        kernels.launch(kernel, blocks, threadsX, threadsY, arguments);
    }

    /** After a kernel's fault every call reports it again, as on a card; the call that met it has thrown it. */
    @Override
    public void close() {
        try {
            resources.close();
        } catch (CudaException e) {
            if (!List.of("CUDA_ERROR_ILLEGAL_ADDRESS", "CUDA_ERROR_LAUNCH_FAILED").contains(e.statusName())) {
                throw e;
            }
        }
    }
}
