package org.charlstm.cuda;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import module java.base;
import org.jspecify.annotations.Nullable;

/**
 * Named ranges of a program's time, which a profiler shows beside the kernels:
 *
 * {@snippet :
 * try (var _ = Nvtx.range("epoch 3")) {
 *     module.kernel("step").launch(grid, x, y);
 *     gpu.synchronize();
 * }
 * }
 *
 * <p>This is NVIDIA's NVTX, version 3, which has no library of its own. A profiler such as {@code nsys profile} puts
 * the name of its library into {@code NVTX_INJECTION64_PATH}. The first range loads that library, which registers its
 * functions for ranges, as in C programs. Without the variable a range does nothing.
 */
@SuppressWarnings("restricted")
public final class Nvtx {
    private static final String VARIABLE = "NVTX_INJECTION64_PATH";
    /** The size of each NVTX module's function table, by the module's number; entry 0 of a table is unused. */
    private static final int[] FUNCTIONS = {0, 16, 9, 15, 7, 16, 7};
    private static final int CORE = 1;
    private static final int RANGE_START = 5;
    private static final int RANGE_END = 7;
    /** Null without a profiler. */
    private static final @Nullable Nvtx PROFILER = of(System.getenv(VARIABLE));

    /** For each module, pointers to the places of its functions' addresses. */
    private final MemorySegment[] tables = new MemorySegment[FUNCTIONS.length];
    private final MemorySegment callbacks = table(0,
            stub("functionTable", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, ADDRESS)));
    private final MemorySegment version = table(3, stub("profilersVersion", FunctionDescriptor.ofVoid(JAVA_INT)));
    private final MethodHandle start = Linker.nativeLinker().downcallHandle(FunctionDescriptor.of(JAVA_LONG, ADDRESS));
    private final MethodHandle end = Linker.nativeLinker().downcallHandle(FunctionDescriptor.ofVoid(JAVA_LONG));

    /** Makes empty tables in memory that is never freed, since a profiler may write there at any time. */
    private Nvtx() {
        for (int module = 1; module < FUNCTIONS.length; module++) {
            MemorySegment places = Arena.global().allocate(ADDRESS, FUNCTIONS[module]);
            tables[module] = Arena.global().allocate(ADDRESS, FUNCTIONS[module] + 1L);
            for (int i = 1; i < FUNCTIONS[module]; i++) {
                tables[module].setAtIndex(ADDRESS, i, places.asSlice(i * ADDRESS.byteSize()));
            }
        }
    }

    /** An export table of NVTX: its size in bytes, its number unless 0, and a function. */
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
            // A failure does not end the program; NVIDIA's own headers go on too.
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

    /** Tells a profiler a module's function table and its size; the pointer for either result may be null. */
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
        // NVIDIA's headers ignore the number too.
    }

    /**
     * Begins a range, which ends when closed. Ranges may nest or overlap, and another thread may close a range. Virtual
     * threads may use ranges too.
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

    /** The function that the profiler has set; 0 for none. */
    private MemorySegment function(int number) {
        return tables[CORE].getAtIndex(ADDRESS.withTargetLayout(ADDRESS), number).get(ADDRESS, 0);
    }

    /** A named range of time. */
    public static final class Range implements AutoCloseable {
        private static final Range NONE = new Range(null, 0);

        private final long number;
        /** Null once the range has ended, or without a profiler. */
        private @Nullable Nvtx profiler;

        private Range(@Nullable Nvtx profiler, long number) {
            this.profiler = profiler;
            this.number = number;
        }

        /** Ends the range; a second call does nothing. */
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
