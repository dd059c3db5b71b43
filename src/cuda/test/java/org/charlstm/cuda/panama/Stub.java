package org.charlstm.cuda.panama;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.reflect.Field;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.charlstm.cuda.binding.LibrarySearch;
import org.charlstm.cuda.binding.StatusTable;

/** A library that has every function but those that are hidden; of them only cuInit can be called. */
final class Stub {
    /** The constructors of the bindings. */
    static final List<Function<LibrarySearch.Found, Object>> BINDINGS =
            List.of(PanamaDriver::new, library -> new RecentFunctions(library, StatusTable.DRIVER::check),
                    PanamaCublas::new, PanamaCudnn::new, CudnnCause::new, PanamaNvrtc::new, PanamaNccl::new);

    private Stub() {
    }

    @SuppressWarnings("restricted")
    static LibrarySearch.Found without(String... hidden) {
        MemorySegment address = Linker.nativeLinker().upcallStub(
                MethodHandles.dropArguments(MethodHandles.constant(int.class, 0), 0, int.class),
                FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT), Arena.global());
        SymbolLookup symbols = name -> Arrays.asList(hidden).contains(name) ? Optional.empty() : Optional.of(address);
        return new LibrarySearch.Found(symbols, "libstub.so");
    }

    /** The functions that a binding holds. */
    static List<NativeFunctions.Function> functions(Object binding) {
        return Arrays.stream(binding.getClass().getDeclaredFields())
                .filter(field -> field.getType() == NativeFunctions.Function.class)
                .map(field -> value(field, binding)).toList();
    }

    private static NativeFunctions.Function value(Field field, Object binding) {
        try {
            field.setAccessible(true);
            return (NativeFunctions.Function) field.get(binding);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError(e.getMessage(), e);
        }
    }
}
