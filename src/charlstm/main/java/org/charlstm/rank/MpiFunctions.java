package org.charlstm.rank;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.cuda.NativeLibrary;

/** The functions of an MPI, bound by name. */
final class MpiFunctions {
    private final NativeLibrary library;
    private final ObjIntConsumer<String> statuses;
    private final List<String> missing = new ArrayList<>();

    /**
     * Binds functions of a library.
     *
     * @param statuses is told a call and its status, and throws if that is an error
     */
    MpiFunctions(NativeLibrary library, ObjIntConsumer<String> statuses) {
        this.library = library;
        this.statuses = statuses;
    }

    /**
     * One bound function.
     *
     * @param spread takes an array of all arguments and returns an object
     */
    record Function(String name, MethodHandle spread, ObjIntConsumer<String> statuses) {
        /** Calls it and checks its status. */
        void call(Object... arguments) {
            statuses.accept(name, invoke(arguments));
        }

        /** Calls it and returns its status. */
        int invoke(Object... arguments) {
            try {
                return (int) (Object) spread.invokeExact(arguments);
            } catch (RuntimeException | Error e) {
                throw e;
            } catch (Throwable e) {
                throw new IllegalStateException(name + " threw", e);
            }
        }
    }

    /**
     * Binds a function that returns a status.
     *
     * @param kinds its arguments, a letter each: i for 32 bits, l for 64 bits, p for a pointer to host memory
     */
    @SuppressWarnings("restricted")
    Function required(String name, String kinds) {
        FunctionDescriptor type = FunctionDescriptor.of(ValueLayout.JAVA_INT, kinds.chars()
                .mapToObj(kind -> switch (kind) {
                    case 'i' -> ValueLayout.JAVA_INT;
                    case 'l' -> ValueLayout.JAVA_LONG;
                    case 'p' -> ValueLayout.ADDRESS;
                    default -> throw new IllegalArgumentException("no argument is of kind " + (char) kind);
                }).toArray(MemoryLayout[]::new));
        MethodHandle handle = library.symbols().find(name)
                .map(address -> Linker.nativeLinker().downcallHandle(address, type)).orElseGet(() -> {
                    missing.add(name);
                    return Linker.nativeLinker().downcallHandle(type).bindTo(MemorySegment.NULL);
                });
        return new Function(name, handle.asType(handle.type().generic()).asSpreader(Object[].class, kinds.length()),
                statuses);
    }

    /** Refuses a library that lacks a function. */
    void requireAll(String hint) {
        if (!missing.isEmpty()) {
            throw new CharlstmException(library.place() + " lacks " + String.join(", ", missing) + "; " + hint);
        }
    }
}
