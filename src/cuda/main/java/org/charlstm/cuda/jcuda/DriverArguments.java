package org.charlstm.cuda.jcuda;

import java.lang.foreign.MemorySegment;
import jcuda.Pointer;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUevent;
import jcuda.driver.CUfunction;
import jcuda.driver.CUgraphExec;
import jcuda.driver.CUstream;

/**
 * JCuda's objects for the arguments of the driver's frequent calls, which would otherwise be made anew for each. A
 * thread has its own; JCuda's code is done with them when a call returns.
 */
final class DriverArguments {
    private static final ThreadLocal<DriverArguments> OF_THREAD = ThreadLocal.withInitial(DriverArguments::new);

    private final CUstream stream = new CUstream();
    private final CUevent event = new CUevent();
    private final CUdeviceptr to = new CUdeviceptr();
    private final CUdeviceptr from = new CUdeviceptr();
    private final CUfunction function = new CUfunction();
    private final CUgraphExec executable = new CUgraphExec();
    private final Pointer host = new Pointer();

    private DriverArguments() {
    }

    static DriverArguments ofThread() {
        return OF_THREAD.get();
    }

    CUstream stream(long handle) {
        return Address.in(stream, handle);
    }

    CUevent event(long handle) {
        return Address.in(event, handle);
    }

    CUdeviceptr to(long pointer) {
        return Address.in(to, pointer);
    }

    CUdeviceptr from(long pointer) {
        return Address.in(from, pointer);
    }

    CUfunction function(long handle) {
        return Address.in(function, handle);
    }

    CUgraphExec executable(long handle) {
        return Address.in(executable, handle);
    }

    /**
     * A pointer to host memory, which the caller keeps alive; what java.lang.foreign refuses is refused here too.
     *
     * @throws IllegalArgumentException if it lies on the heap
     * @throws IllegalStateException    if its arena is closed
     */
    Pointer host(MemorySegment memory) {
        if (!memory.isNative()) {
            throw new IllegalArgumentException("Heap segment not allowed: " + memory);
        }
        if (!memory.scope().isAlive()) {
            throw new IllegalStateException("Already closed");
        }
        return Address.in(host, memory.address());
    }
}
