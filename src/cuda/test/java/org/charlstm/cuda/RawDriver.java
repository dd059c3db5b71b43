package org.charlstm.cuda;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import module java.base;

/** The driver as another library calls it, in the context that is current on the thread. */
@SuppressWarnings("restricted")
final class RawDriver {
    private RawDriver() {
    }

    /** A function that writes a number of 64 bits to its first argument. */
    static long made(String function, long... arguments) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment made = arena.allocate(JAVA_LONG);
            long[] all = new long[arguments.length + 1];
            all[0] = made.address();
            System.arraycopy(arguments, 0, all, 1, arguments.length);
            call(function, all);
            return made.get(JAVA_LONG, 0);
        }
    }

    /** A function whose arguments are 64 bits, or fewer that are passed in as many. */
    static void call(String function, long... arguments) {
        try {
            SymbolLookup symbols = SymbolLookup.libraryLookup(Path.of(System.getenv("CHARLSTM_LIBCUDA")),
                    Arena.global());
            FunctionDescriptor type = FunctionDescriptor.of(JAVA_INT);
            for (long _ : arguments) {
                type = type.appendArgumentLayouts(JAVA_LONG);
            }
            Object[] boxed = new Object[arguments.length];
            for (int i = 0; i < boxed.length; i++) {
                boxed[i] = arguments[i];
            }
            int status = (int) Linker.nativeLinker().downcallHandle(symbols.findOrThrow(function), type)
                    .invokeWithArguments(boxed);
            if (status != 0) {
                throw new IllegalStateException(function + " gave " + status);
            }
        } catch (RuntimeException e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    static long allocated(long bytes) {
        return made("cuMemAlloc_v2", bytes);
    }

    static void free(long address) {
        call("cuMemFree_v2", address);
    }

    /** Memory and a stream of a context that is not the primary one; the thread's current context stays. */
    static long[] ofAnotherContext() {
        made("cuCtxCreate_v2", 0, 0);
        long memory = allocated(64);
        long stream = made("cuStreamCreate", 1);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment popped = arena.allocate(ADDRESS);
            call("cuCtxPopCurrent_v2", popped.address());
            return new long[] {memory, stream, popped.get(JAVA_LONG, 0)};
        }
    }
}
