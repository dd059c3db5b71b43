package org.charlstm.cuda.panama;

import java.lang.foreign.AddressLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.ArrayList;
import java.util.List;
import org.charlstm.CharlstmException;
import org.charlstm.cuda.binding.LibrarySearch;
import org.jspecify.annotations.Nullable;

/** The functions of one library, bound by name. */
public final class NativeFunctions {
    /** The type of a text that a library returns and owns. */
    @SuppressWarnings("restricted")
    static final AddressLayout TEXT = ValueLayout.ADDRESS.withTargetLayout(
            MemoryLayout.sequenceLayout(Long.MAX_VALUE, ValueLayout.JAVA_BYTE));

    private static final Linker LINKER = Linker.nativeLinker();

    private final LibrarySearch.Found library;
    private final Statuses statuses;
    private final List<String> missing = new ArrayList<>();

    /** Binds functions of a library whose calls all return statuses of one kind. */
    public NativeFunctions(LibrarySearch.Found library, Statuses statuses) {
        this.library = library;
        this.statuses = statuses;
    }

    /** Turns a status other than 0 into an exception. */
    @FunctionalInterface
    public interface Statuses {
        /** Throws an exception if a call's status is not 0. */
        void check(String call, int status);
    }

    /**
     * One bound function.
     *
     * @param kinds    its arguments as {@link #required} has them; empty if they have no letters
     * @param address  null if the library lacks it
     * @param handle   takes its arguments one by one; null if the library lacks it
     * @param spread   takes an array of all arguments and returns an object; made once, since that takes longer than a
     *                 call
     * @param statuses checks the status that it returns
     */
    public record Function(String name, String kinds, @Nullable MemorySegment address, @Nullable MethodHandle handle,
            @Nullable MethodHandle spread, Statuses statuses) {
        @SuppressWarnings("restricted")
        private static Function of(String name, String kinds, @Nullable MemorySegment address,
                FunctionDescriptor type, Statuses statuses) {
            MethodHandle handle = address == null ? null : LINKER.downcallHandle(address, type);
            return new Function(name, kinds, address, handle, handle == null ? null
                    : handle.asType(handle.type().generic()).asSpreader(Object[].class, handle.type().parameterCount()),
                    statuses);
        }

        /** Whether the library has it. */
        boolean present() {
            return handle != null;
        }

        /** Calls a function that returns a status, and turns the status into an exception. */
        public void call(Object... arguments) {
            check(status(arguments));
        }

        /** Calls a function that returns a status. */
        int status(Object... arguments) {
            return (int) invoke(arguments);
        }

        /** Turns a status of this function other than 0 into an exception. */
        void check(int status) {
            if (status != 0) {
                statuses.check(name, status);
            }
        }

        /** The address, for a call with arguments of some kinds. */
        MemorySegment address(String called) {
            assert called.equals(kinds) : name + " takes " + kinds + ", not " + called;
            if (address == null) {
                throw missing();
            }
            return address;
        }

        /** Calls a function that returns something else, or nothing. */
        public Object invoke(Object... arguments) {
            if (spread == null) {
                throw missing();
            }
            try {
                return spread.invokeExact(arguments);
            } catch (Throwable e) {
                throw unexpected(e);
            }
        }

        private IllegalStateException missing() {
            return new IllegalStateException(name + " is not in the library");
        }

        /** Throws what a handle threw, which is nothing that has to be declared. */
        RuntimeException unexpected(Throwable thrown) {
            switch (thrown) {
                case RuntimeException e -> throw e;
                case Error e -> throw e;
                default -> throw new IllegalStateException(name + " threw", thrown);
            }
        }

        /** Calls a function whose first argument receives a 32-bit result. */
        public int intResult(Object... more) {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment result = arena.allocate(ValueLayout.JAVA_INT);
                call(with(result, more));
                return result.get(ValueLayout.JAVA_INT, 0);
            }
        }

        /** Calls a function whose first argument receives a 64-bit result: a size, a handle or a device pointer. */
        long longResult(Object... more) {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment result = arena.allocate(ValueLayout.JAVA_LONG);
                call(with(result, more));
                return result.get(ValueLayout.JAVA_LONG, 0);
            }
        }

        /** Calls a function whose first argument receives a float. */
        float floatResult(Object... more) {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment result = arena.allocate(ValueLayout.JAVA_FLOAT);
                call(with(result, more));
                return result.get(ValueLayout.JAVA_FLOAT, 0);
            }
        }

        private static Object[] with(MemorySegment first, Object... more) {
            Object[] arguments = new Object[more.length + 1];
            arguments[0] = first;
            System.arraycopy(more, 0, arguments, 1, more.length);
            return arguments;
        }
    }

    /**
     * Binds a function without which the library is of no use.
     *
     * @param kinds its arguments, a letter each: i for 32 bits, f for a float, l for 64 bits, a handle or
     *              a device pointer, p for a pointer to host memory, s for 16 bits
     */
    public Function required(String name, String kinds) {
        return required(optional(name, kinds));
    }

    /** Makes a function one without which the library is of no use. */
    Function required(Function function) {
        if (!function.present()) {
            missing.add(function.name());
        }
        return function;
    }

    /** Binds a function that not every version has. */
    Function optional(String name, String kinds) {
        return bind(name, kinds, type(kinds));
    }

    /** Binds a function of any type. */
    Function bind(String name, FunctionDescriptor type) {
        return bind(name, "", type);
    }

    private Function bind(String name, String kinds, FunctionDescriptor type) {
        return Function.of(name, kinds, library.symbols().find(name).orElse(null), type, statuses);
    }

    /** Calls any function that takes such arguments and returns a status; the function's address comes first. */
    @SuppressWarnings("restricted")
    static MethodHandle caller(String kinds) {
        return LINKER.downcallHandle(type(kinds));
    }

    private static FunctionDescriptor type(String kinds) {
        return FunctionDescriptor.of(ValueLayout.JAVA_INT, arguments(kinds));
    }

    private static MemoryLayout[] arguments(String kinds) {
        return kinds.chars().mapToObj(kind -> switch (kind) {
            case 'i' -> ValueLayout.JAVA_INT;
            case 'f' -> ValueLayout.JAVA_FLOAT;
            case 'l' -> ValueLayout.JAVA_LONG;
            case 'p' -> ValueLayout.ADDRESS;
            case 's' -> ValueLayout.JAVA_SHORT;
            default -> throw new IllegalArgumentException("no argument is of kind " + (char) kind);
        }).toArray(MemoryLayout[]::new);
    }

    /** Sets a variable, unless it is set, in the environment that native libraries read; Java itself only reads it. */
    public static void setEnvironmentIfMissing(String name, String value) {
        try (Arena arena = Arena.ofConfined()) {
            LibrarySearch.Found library = new LibrarySearch.Found(LINKER.defaultLookup(), "the C library");
            new NativeFunctions(library, (call, status) -> {}).required("setenv", "ppi")
                    .call(arena.allocateFrom(name), arena.allocateFrom(value), 0);
        }
    }

    /** Refuses a library that lacks a required function. */
    public void requireAll(String hint) {
        if (!missing.isEmpty()) {
            throw new CharlstmException(library.place() + " lacks " + String.join(", ", missing) + "; " + hint);
        }
    }
}
