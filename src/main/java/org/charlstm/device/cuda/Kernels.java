package org.charlstm.device.cuda;

import java.lang.foreign.Arena;
import java.util.EnumMap;
import java.util.Map;
import org.charlstm.device.cuda.binding.LaunchArguments;

/** Our kernels, loaded on a device. */
final class Kernels implements AutoCloseable {
    /** Threads that run in step. */
    static final int WARP = 32;

    private static final int THREADS = 128;

    private final CudaContext context;
    private final Map<Kernel, Long> functions = new EnumMap<>(Kernel.class);
    private final Resources resources = new Resources();

    Kernels(CudaContext context, KernelImages images) {
        this.context = context;
        try {
            for (Kernel kernel : Kernel.values()) {
                CudaModule module = new CudaModule(context, images.image(kernel));
                resources.add(module::close);
                functions.put(kernel, module.function(kernel.entry()));
            }
        } catch (RuntimeException e) {
            throw resources.closeAfter(e);
        }
    }

    /** One thread for each of {@code n} elements. */
    void each(Kernel kernel, long n, Object... arguments) {
        launch(kernel, Math.toIntExact(Math.ceilDiv(n, (long) THREADS)), THREADS, 1, arguments);
    }

    void launch(Kernel kernel, int blocks, int threadsX, int threadsY, Object... arguments) {
        try (Arena arena = Arena.ofConfined()) {
            context.driver().launch(functions.get(kernel), blocks, threadsX, threadsY, context.stream(),
                    LaunchArguments.of(arena, kernel.kinds(), arguments));
        }
    }

    @Override
    public void close() {
        resources.close();
    }
}
