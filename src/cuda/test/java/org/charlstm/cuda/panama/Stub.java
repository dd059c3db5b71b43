package org.charlstm.cuda.panama;

import module java.base;
import org.charlstm.cuda.binding.Cublas;
import org.charlstm.cuda.binding.CublasLt;
import org.charlstm.cuda.binding.CudaDriver;
import org.charlstm.cuda.binding.Cudnn;
import org.charlstm.cuda.binding.LibrarySearch;
import org.charlstm.cuda.binding.Nccl;
import org.charlstm.cuda.binding.NvidiaLibrary;
import org.charlstm.cuda.binding.Nvrtc;

/** A library that has every function but those that are hidden; of them only those that open one can be called. */
final class Stub {
    static final List<Class<? extends NvidiaLibrary>> TABLES =
            List.of(CudaDriver.class, Cublas.class, CublasLt.class, Cudnn.class, Nvrtc.class, Nccl.class);

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
}
