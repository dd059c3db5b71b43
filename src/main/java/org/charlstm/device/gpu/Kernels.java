package org.charlstm.device.gpu;

import java.lang.foreign.Arena;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import org.charlstm.CharlstmException;
import org.charlstm.cuda.CudaContext;
import org.charlstm.cuda.CudaDriver;
import org.charlstm.cuda.CudaModule;
import org.charlstm.cuda.KernelImages;
import org.charlstm.cuda.LaunchArguments;
import org.charlstm.cuda.Resources;

/** Our kernels, loaded on a device. */
public final class Kernels implements AutoCloseable {
    /** Threads that run in step. */
    public static final int WARP = 32;

    private static final int THREADS = 128;
    /** Bytes of shared memory that a block may have without more being allowed. */
    private static final int SHARED_UNASKED = 48 << 10;
    /** Kernels count in 32 bits, and go less than this past the end. */
    private static final int MARGIN = 1 << 16;

    private final CudaContext context;
    private final Map<Kernel, Long> functions = new EnumMap<>(Kernel.class);
    /** Bytes of dynamic shared memory that a kernel's launches may have, where more than usual. */
    private final Map<Kernel, Integer> allowed = new EnumMap<>(Kernel.class);
    private final Resources resources = new Resources();

    public Kernels(CudaContext context, KernelImages images) {
        this.context = context;
        try {
            for (Kernel kernel : Kernel.values()) {
                CudaModule module = new CudaModule(context, images.image(kernel.entry()));
                resources.add(module::close);
                functions.put(kernel, module.function(kernel.entry()));
            }
        } catch (RuntimeException e) {
            throw resources.closeAfter(e);
        }
    }

    /** Launches threads for {@code n} elements. */
    public void each(Kernel kernel, long n, Object... arguments) {
        requireCountable(kernel, n);
        int blocks = (int) Math.ceilDiv(n, (long) THREADS * kernel.elements());
        launch(kernel, blocks, THREADS, 1, arguments);
    }

    /** Refuses more elements than a kernel can count. */
    public static void requireCountable(Kernel kernel, long n) {
        if (n > Integer.MAX_VALUE - MARGIN) {
            throw new CharlstmException(kernel.entry() + " would take " + n + " elements; at most "
                    + (Integer.MAX_VALUE - MARGIN) + " are possible: make the batches smaller");
        }
    }

    public void launch(Kernel kernel, int blocks, int threadsX, int threadsY, Object... arguments) {
        launch(kernel, new CudaDriver.Grid(blocks, threadsX, threadsY, 0), arguments);
    }

    /** With dynamic shared memory for each block. */
    public void launchShared(Kernel kernel, int blocks, int threads, int sharedBytes, Object... arguments) {
        // It is never taken back, since another shape may need it.
        if (sharedBytes > allowed.getOrDefault(kernel, SHARED_UNASKED)) {
            context.driver().allowShared(function(kernel), sharedBytes);
            allowed.put(kernel, sharedBytes);
        }
        launch(kernel, new CudaDriver.Grid(blocks, threads, 1, sharedBytes), arguments);
    }

    private void launch(Kernel kernel, CudaDriver.Grid grid, Object[] arguments) {
        try (Arena arena = Arena.ofConfined()) {
            context.driver().launch(function(kernel), grid, context.stream(),
                    LaunchArguments.of(arena, kernel.kinds(), arguments));
        }
    }

    private long function(Kernel kernel) {
        return Objects.requireNonNull(functions.get(kernel), "all kernels are loaded");
    }

    @Override
    public void close() {
        resources.close();
    }
}
