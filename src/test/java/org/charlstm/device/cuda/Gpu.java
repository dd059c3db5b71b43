package org.charlstm.device.cuda;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.charlstm.CharlstmException;
import org.charlstm.device.cuda.binding.CudaDriver;
import org.charlstm.device.cuda.binding.CudaException;
import org.charlstm.device.cuda.binding.CudaStatus;
import org.charlstm.device.cuda.binding.LaunchArguments;
import org.charlstm.device.cuda.panama.PanamaDriver;
import org.junit.jupiter.api.Assumptions;

/** The simulated GPU with the kernels on it, for tests of the kernels alone. */
final class Gpu implements AutoCloseable {
    private static final int DEVICE = 0;

    private final Arena arena = Arena.ofConfined();
    private final CudaDriver driver;
    private final long stream;
    private final long module;

    private Gpu(CudaDriver driver) {
        this.driver = driver;
        driver.retainContext(DEVICE);
        stream = driver.createStream();
        // The simulated GPU has the kernels built in and takes any image.
        module = driver.loadModule(arena.allocate(16));
    }

    /** Opens it, or skips the test with the reason. */
    static Gpu open() {
        try {
            return new Gpu(new PanamaDriver());
        } catch (CharlstmException e) {
            Assumptions.abort("no simulated GPU: " + e.getMessage());
            throw e;
        }
    }

    CudaDriver driver() {
        return driver;
    }

    long stream() {
        return stream;
    }

    long floats(double... values) {
        MemorySegment host = arena.allocate(ValueLayout.JAVA_FLOAT, values.length);
        for (int i = 0; i < values.length; i++) {
            host.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) values[i]);
        }
        return upload(host);
    }

    long doubles(double... values) {
        return upload(arena.allocateFrom(ValueLayout.JAVA_DOUBLE, values));
    }

    long ints(int... values) {
        return upload(arena.allocateFrom(ValueLayout.JAVA_INT, values));
    }

    private long upload(MemorySegment host) {
        long pointer = driver.allocate(host.byteSize());
        driver.copyToDevice(pointer, host, stream);
        return pointer;
    }

    /** Memory that nobody has written. */
    long fresh(long bytes) {
        return driver.allocate(bytes);
    }

    double[] readFloats(long pointer, int count) {
        MemorySegment host = download(pointer, 4L * count);
        double[] values = new double[count];
        for (int i = 0; i < count; i++) {
            values[i] = host.getAtIndex(ValueLayout.JAVA_FLOAT, i);
        }
        return values;
    }

    double[] readDoubles(long pointer, int count) {
        return download(pointer, 8L * count).toArray(ValueLayout.JAVA_DOUBLE);
    }

    int[] readInts(long pointer, int count) {
        return download(pointer, 4L * count).toArray(ValueLayout.JAVA_INT);
    }

    private MemorySegment download(long pointer, long bytes) {
        MemorySegment host = arena.allocate(bytes, 8);
        driver.copyToHost(host, pointer, stream);
        driver.synchronize(stream);
        return host;
    }

    /** One thread for each of {@code n} elements. */
    void each(String kernel, long n, Object... arguments) {
        launch(kernel, (int) Math.ceilDiv(n, 128L), 128, 1, arguments);
    }

    void launch(String kernel, int blocks, int threadsX, int threadsY, Object... arguments) {
        driver.launch(driver.function(module, kernel), blocks, threadsX, threadsY, stream,
                LaunchArguments.of(arena, arguments));
    }

    @Override
    public void close() {
        release(() -> driver.unloadModule(module));
        release(() -> driver.destroyStream(stream));
        release(() -> driver.releaseContext(DEVICE));
        arena.close();
    }

    /** After a kernel's fault every call reports it again, as on a card; the call that met it has thrown it. */
    private static void release(Runnable call) {
        try {
            call.run();
        } catch (CudaException e) {
            if (e.status() != CudaStatus.ILLEGAL_ADDRESS.code() && e.status() != CudaStatus.LAUNCH_FAILED.code()) {
                throw e;
            }
        }
    }
}
