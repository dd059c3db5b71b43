package org.charlstm.cuda.panama;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import module java.base;
import org.charlstm.cuda.binding.LibrarySearch;
import org.charlstm.cuda.binding.Nccl;
import org.charlstm.cuda.binding.NvidiaLibrary;

/** Constants and host memory for the classes that implement tables. */
public final class Linkage {
    /** Memory for a function's result, which is read before this thread's next call. */
    private static final ThreadLocal<MemorySegment> RESULT =
            ThreadLocal.withInitial(() -> Arena.ofAuto().allocate(JAVA_LONG));

    private Linkage() {
    }

    /**
     * A constant of a hidden class whose class data is a library.
     *
     * @param name the function's name for an address; for a handle, the kinds of its arguments and its result
     */
    public static Object constant(MethodHandles.Lookup caller, String name, Class<?> type)
            throws IllegalAccessException {
        LibrarySearch.Found library = MethodHandles.classData(caller, "_", LibrarySearch.Found.class);
        return type == MethodHandle.class ? handle(name)
                : type == MemorySegment.class ? library.symbols().findOrThrow(name) : library;
    }

    @SuppressWarnings("restricted")
    private static MethodHandle handle(String kinds) {
        int last = kinds.length() - 1;
        MemoryLayout[] arguments = new MemoryLayout[last];
        for (int i = 0; i < last; i++) {
            arguments[i] = switch (kinds.charAt(i)) {
                case 'l' -> JAVA_LONG;
                case 'f' -> JAVA_FLOAT;
                case 'p' -> ADDRESS;
                default -> MemoryLayout.structLayout(MemoryLayout.sequenceLayout(Nccl.ID_BYTES, JAVA_BYTE));
            };
        }
        return Linker.nativeLinker().downcallHandle(switch (kinds.charAt(last)) {
            case 'I' -> FunctionDescriptor.of(JAVA_INT, arguments);
            case 'J' -> FunctionDescriptor.of(JAVA_LONG, arguments);
            default -> FunctionDescriptor.ofVoid(arguments);
        });
    }

    /** Throws an exception if a status is not 0. */
    public static void check(int status, NvidiaLibrary library, String call) {
        if (status != 0) {
            throw library.failure(call, status);
        }
    }

    /** The memory to which a function writes its result. */
    public static MemorySegment result() {
        return RESULT.get();
    }

    /** The number there. */
    public static int intAt(MemorySegment result) {
        return result.get(JAVA_INT, 0);
    }

    /** The number there. */
    public static long longAt(MemorySegment result) {
        return result.get(JAVA_LONG, 0);
    }

    /** The number there. */
    public static float floatAt(MemorySegment result) {
        return result.get(JAVA_FLOAT, 0);
    }

    /** The same numbers outside the heap. */
    public static MemorySegment copy(int[] values) {
        return Arena.ofAuto().allocateFrom(JAVA_INT, values);
    }

    /** The same numbers outside the heap. */
    public static MemorySegment copy(long[] values) {
        return Arena.ofAuto().allocateFrom(JAVA_LONG, values);
    }

    /** The same bytes outside the heap. */
    public static MemorySegment copy(byte[] values) {
        return Arena.ofAuto().allocateFrom(JAVA_BYTE, values);
    }

    /** The same text outside the heap. */
    public static MemorySegment copy(String text) {
        return Arena.ofAuto().allocateFrom(text);
    }

    /** Pointers to the same texts outside the heap. */
    public static MemorySegment copy(String[] texts) {
        Arena arena = Arena.ofAuto();
        MemorySegment pointers = arena.allocate(ADDRESS, Math.max(1, texts.length));
        for (int i = 0; i < texts.length; i++) {
            pointers.setAtIndex(ADDRESS, i, arena.allocateFrom(texts[i]));
        }
        return pointers;
    }

    /** Reads what a function has written. */
    public static void back(MemorySegment copy, int[] values) {
        MemorySegment.copy(copy, JAVA_INT, 0, values, 0, values.length);
    }

    /** Reads what a function has written. */
    public static void back(MemorySegment copy, long[] values) {
        MemorySegment.copy(copy, JAVA_LONG, 0, values, 0, values.length);
    }
}
