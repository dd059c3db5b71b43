package org.charlstm.cuda;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Machine code on the device. */
public final class CudaModule implements AutoCloseable {
    private final CudaContext context;
    private final long module;
    private boolean open = true;

    /** Loads a CUBIN or a fat binary. */
    public CudaModule(CudaContext context, byte[] image) {
        this.context = context;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment copy = arena.allocate(image.length, 16);
            copy.copyFrom(MemorySegment.ofArray(image));
            module = context.driver().loadModule(copy);
        }
    }

    /** A kernel's handle, good until this closes. */
    public long function(String entry) {
        return context.driver().function(module, entry);
    }

    @Override
    public void close() {
        if (open) {
            open = false;
            context.driver().unloadModule(module);
        }
    }
}
