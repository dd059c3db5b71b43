package org.charlstm.cuda;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What a cuDNN was built for, which its own file tells without a GPU. It is asked here for every binding, before any is
 * chosen: JCuda has no method for the second.
 *
 * @param cuda             cudnnGetCudartVersion: 1000 x major + 10 x minor
 * @param newestCapability cudnnGetMaxDeviceVersion: 100 x major + 10 x minor; empty if it does not say
 */
record CudnnBuild(int cuda, OptionalInt newestCapability) {
    /** Asks a library that is open; empty if it does not say, and so is no cuDNN 9. */
    static Optional<CudnnBuild> of(SymbolLookup symbols) {
        OptionalInt cuda = ask(symbols, "cudnnGetCudartVersion");
        return cuda.isEmpty() ? Optional.empty()
                : Optional.of(new CudnnBuild(cuda.getAsInt(), ask(symbols, "cudnnGetMaxDeviceVersion")));
    }

    int cudaMajor() {
        return cuda / 1000;
    }

    @SuppressWarnings("restricted")
    private static OptionalInt ask(SymbolLookup symbols, String function) {
        MethodHandle handle = symbols.find(function).map(address -> Linker.nativeLinker().downcallHandle(address,
                FunctionDescriptor.of(ValueLayout.JAVA_LONG))).orElse(null);
        if (handle == null) {
            return OptionalInt.empty();
        }
        try {
            return OptionalInt.of((int) (long) handle.invokeExact());
        } catch (Throwable e) {
            throw new IllegalStateException(function + " cannot be called", e);
        }
    }
}
