package org.charlstm.jmh;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import module java.base;

/** By constant handles of java.lang.foreign: the least that a call can take from Java. */
@SuppressWarnings("restricted")
final class RawPanamaCalls implements CallCost.Calls {
    private static final MethodHandle LAUNCH = handle("CHARLSTM_LIBCUDA", "cuLaunchKernel", JAVA_LONG, JAVA_INT,
            JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG, ADDRESS, ADDRESS);
    private static final MethodHandle SGEMM = handle("CHARLSTM_LIBCUBLAS", "cublasSgemm_v2", JAVA_LONG, JAVA_INT,
            JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT, ADDRESS,
            JAVA_LONG, JAVA_INT);
    private static final MethodHandle COPY = handle("CHARLSTM_LIBCUDA", "cuMemcpyHtoDAsync_v2", JAVA_LONG, ADDRESS,
            JAVA_LONG, JAVA_LONG);
    private static final MethodHandle RECORD = handle("CHARLSTM_LIBCUDA", "cuEventRecord", JAVA_LONG, JAVA_LONG);

    private final GpuWork work;
    private final MemorySegment alpha;
    private final MemorySegment beta;

    RawPanamaCalls(GpuWork work) {
        this.work = work;
        // Memory that nobody frees costs a call least.
        alpha = Arena.global().allocateFrom(JAVA_FLOAT, 1);
        beta = Arena.global().allocateFrom(JAVA_FLOAT, 0);
    }

    private static MethodHandle handle(String library, String name, MemoryLayout... arguments) {
        return Linker.nativeLinker().downcallHandle(SymbolLookup.libraryLookup(System.getenv(library), Arena.global())
                .findOrThrow(name), FunctionDescriptor.of(JAVA_INT, arguments));
    }

    private static void check(int status) {
        if (status != 0) {
            throw new IllegalStateException("status " + status);
        }
    }

    @Override
    public void launch() throws Throwable {
        check((int) LAUNCH.invokeExact(work.function, 1, 1, 1, 32, 1, 1, 0, work.stream, work.arguments,
                MemorySegment.NULL));
    }

    @Override
    public void product() throws Throwable {
        check((int) SGEMM.invokeExact(work.handle, 0, 0, GpuWork.SIZE, GpuWork.SIZE, GpuWork.SIZE, alpha, work.a,
                GpuWork.SIZE, work.b, GpuWork.SIZE, beta, work.c, GpuWork.SIZE));
    }

    @Override
    public void copy() throws Throwable {
        check((int) COPY.invokeExact(work.memory, work.host, (long) GpuWork.COPY_BYTES, work.stream));
    }

    @Override
    public void record() throws Throwable {
        check((int) RECORD.invokeExact(work.event, work.stream));
    }
}
