package org.charlstm.cuda;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import module java.base;
import org.jspecify.annotations.Nullable;

/**
 * Names stretches of a program's time for a profiler, which shows them beside the kernels:
 *
 * {@snippet :
 * try (var _ = Nvtx.range("epoch 3")) {
 *     module.kernel("step").launch(grid, x, y);
 *     gpu.synchronize();
 * }
 * }
 *
 * <p>This is NVIDIA's NVTX, version 3, which has no library of its own. A profiler such as {@code nsys profile} puts
 * the name of its library into {@code NVTX_INJECTION64_PATH}. That library is loaded at the first range, and says which
 * functions take ranges, as it does for programs in C. Without the variable a range does nothing.
 */
@SuppressWarnings("restricted")
public final class Nvtx {
    private static final String VARIABLE = "NVTX_INJECTION64_PATH";
    /** How many functions each module of NVTX has, by the module's number; number 0 of each is none. */
    private static final int[] FUNCTIONS = {0, 16, 9, 15, 7, 16, 7};
    private static final int CORE = 1;
    private static final int RANGE_START = 5;
    private static final int RANGE_END = 7;
    /** Null without a profiler. */
    private static final @Nullable Nvtx PROFILER = of(System.getenv(VARIABLE));

    /** By module, pointers to the places for its functions' addresses. */
    private final MemorySegment[] tables = new MemorySegment[FUNCTIONS.length];
    private final MemorySegment callbacks = table(0,
            stub("functionTable", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, ADDRESS)));
    private final MemorySegment version = table(3, stub("profilersVersion", FunctionDescriptor.ofVoid(JAVA_INT)));
    private final MethodHandle start = Linker.nativeLinker().downcallHandle(FunctionDescriptor.of(JAVA_LONG, ADDRESS));
    private final MethodHandle end = Linker.nativeLinker().downcallHandle(FunctionDescriptor.ofVoid(JAVA_LONG));

    /** Tables without functions, in memory that stays: a profiler may write there at any time. */
    private Nvtx() {
        for (int module = 1; module < FUNCTIONS.length; module++) {
            MemorySegment places = Arena.global().allocate(ADDRESS, FUNCTIONS[module]);
            tables[module] = Arena.global().allocate(ADDRESS, FUNCTIONS[module] + 1L);
            for (int i = 1; i < FUNCTIONS[module]; i++) {
                tables[module].setAtIndex(ADDRESS, i, places.asSlice(i * ADDRESS.byteSize()));
            }
        }
    }

    /** A table of NVTX's: its bytes, a number where it has one, and a function. */
    private static MemorySegment table(int number, MemorySegment function) {
        MemorySegment table = Arena.global().allocate(JAVA_LONG, number == 0 ? 2 : 3);
        table.set(JAVA_LONG, 0, table.byteSize());
        table.set(JAVA_INT, 8, number);
        table.set(ADDRESS, table.byteSize() - ADDRESS.byteSize(), function);
        return table;
    }

    private static @Nullable Nvtx of(@Nullable String library) {
        if (library == null) {
            return null;
        }
        Nvtx made = new Nvtx();
        try {
            MethodHandle attach = Linker.nativeLinker().downcallHandle(SymbolLookup.libraryLookup(library,
                    Arena.global()).findOrThrow("InitializeInjectionNvtx2"), FunctionDescriptor.of(JAVA_INT, ADDRESS));
            return (int) attach.invoke(made.stub("exportTable", FunctionDescriptor.of(ADDRESS, JAVA_INT))) != 0
                    ? made : null;
        } catch (Throwable e) {
            // No range is worth a program's end: NVIDIA's own headers go on too.
            System.getLogger(Nvtx.class.getPackageName()).log(System.Logger.Level.WARNING,
                    "ranges go nowhere, since {0}={1} is no profiler''s library: {2}", VARIABLE, library,
                    e.getMessage());
            return null;
        }
    }

    /** The address of a method, for a profiler to call. */
    private MemorySegment stub(String method, FunctionDescriptor function) {
        try {
            MethodHandle handle = MethodHandles.lookup().findVirtual(Nvtx.class, method, function.toMethodType());
            return Linker.nativeLinker().upcallStub(handle.bindTo(this), function, Arena.global());
        } catch (ReflectiveOperationException e) {
            throw new LinkageError(method, e);
        }
    }

    MemorySegment exportTable(int number) {
        return number == 1 ? callbacks : number == 3 ? version : MemorySegment.NULL;
    }

    /** A profiler may leave out the place for one of the two results. */
    int functionTable(int module, MemorySegment table, MemorySegment size) {
        if (module < 1 || module >= FUNCTIONS.length) {
            return 0;
        }
        if (table.address() != 0) {
            table.reinterpret(ADDRESS.byteSize()).set(ADDRESS, 0, tables[module]);
        }
        if (size.address() != 0) {
            size.reinterpret(JAVA_INT.byteSize()).set(JAVA_INT, 0, FUNCTIONS[module]);
        }
        return 1;
    }

    void profilersVersion(int number) {
        // NVIDIA's headers ignore it as well.
    }

    /**
     * Begins a range, which ends when it is closed. Ranges may lie within each other or overlap, and another thread may
     * close one; virtual threads have them too.
     */
    public static Range range(String name) {
        Objects.requireNonNull(name, "the range's name is null");
        return PROFILER == null ? Range.NONE : PROFILER.started(name);
    }

    private Range started(String name) {
        MemorySegment function = function(RANGE_START);
        if (function.address() == 0) {
            return Range.NONE;
        }
        try (Arena arena = Arena.ofConfined()) {
            return new Range(this, (long) start.invokeExact(function, arena.allocateFrom(name)));
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    private void ended(long number) {
        MemorySegment function = function(RANGE_END);
        if (function.address() != 0) {
            try {
                end.invokeExact(function, number);
            } catch (Throwable e) {
                throw new AssertionError(e);
            }
        }
    }

    /** As the profiler has set it; 0 if it takes none. */
    private MemorySegment function(int number) {
        return tables[CORE].getAtIndex(ADDRESS.withTargetLayout(ADDRESS), number).get(ADDRESS, 0);
    }

    /** A stretch of time with a name. */
    public static final class Range implements AutoCloseable {
        private static final Range NONE = new Range(null, 0);

        private final long number;
        /** Null once it has ended, and for one that nobody sees. */
        private @Nullable Nvtx profiler;

        private Range(@Nullable Nvtx profiler, long number) {
            this.profiler = profiler;
            this.number = number;
        }

        /** Ends it; again does nothing. */
        @Override
        public void close() {
            Nvtx open = profiler;
            if (open != null) {
                profiler = null;
                open.ended(number);
            }
        }
    }
}
