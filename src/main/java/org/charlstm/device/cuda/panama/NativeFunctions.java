package org.charlstm.device.cuda.panama;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.ArrayList;
import java.util.List;
import org.charlstm.device.cuda.binding.CudaStatus;

/** The functions of one library, bound by name; every one returns a status. */
final class NativeFunctions {
    private static final Linker LINKER = Linker.nativeLinker();

    private final SymbolLookup symbols;
    private final List<String> missing = new ArrayList<>();

    NativeFunctions(SymbolLookup symbols) {
        this.symbols = symbols;
    }

    /** One bound function. */
    record Function(String name, MethodHandle handle) {
        /** Calls it and turns its status into an exception. */
        void call(Object... arguments) {
            int status;
            try {
                status = (int) handle.invokeWithArguments(arguments);
            } catch (RuntimeException | Error e) {
                throw e;
            } catch (Throwable e) {
                throw new IllegalStateException(name + " threw", e);
            }
            CudaStatus.check(name, status);
        }
    }

    /**
     * Binds a function.
     *
     * @param kinds its arguments, a letter each: i for 32 bits, l for 64 bits, p for a pointer
     */
    @SuppressWarnings("restricted")
    Function bind(String name, String kinds) {
        MemoryLayout[] arguments = kinds.chars().mapToObj(kind -> switch (kind) {
            case 'i' -> ValueLayout.JAVA_INT;
            case 'l' -> ValueLayout.JAVA_LONG;
            default -> ValueLayout.ADDRESS;
        }).toArray(MemoryLayout[]::new);
        MethodHandle handle = symbols.find(name).map(address -> LINKER.downcallHandle(address,
                FunctionDescriptor.of(ValueLayout.JAVA_INT, arguments))).orElse(null);
        if (handle == null) {
            missing.add(name);
        }
        return new Function(name, handle);
    }

    /** The functions that were asked for and are not there. */
    List<String> missing() {
        return missing;
    }
}
