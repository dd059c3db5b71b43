package org.charlstm.cuda.panama;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.function.Function;
import org.charlstm.CharlstmException;
import org.charlstm.cuda.Grid;
import org.charlstm.cuda.binding.LibrarySearch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A library that lacks a function is an answer that names the function; one that is only of help may be missing. */
class MissingFunctionTest {
    static final List<String> OPTIONAL = List.of("cuGetErrorName", "cudnnGetErrorString",
            "cudnnGetLastErrorString", "ncclGetLastError", "cuLaunchKernelEx", "cuGraphExecUpdate_v2",
            "cuFuncGetParamInfo");

    static List<Function<LibrarySearch.Found, Object>> bindings() {
        return Stub.BINDINGS;
    }

    @ParameterizedTest
    @MethodSource("bindings")
    void isNamed(Function<LibrarySearch.Found, Object> binding) {
        for (NativeFunctions.Function function : Stub.functions(binding.apply(Stub.without()))) {
            if (OPTIONAL.contains(function.name())) {
                assertNotNull(binding.apply(Stub.without(function.name())));
            } else {
                CharlstmException e = assertThrows(CharlstmException.class,
                        () -> binding.apply(Stub.without(function.name())), function.name());
                assertTrue(e.getMessage().startsWith("libstub.so lacks " + function.name() + "; "), e.getMessage());
                assertEquals(1, e.getMessage().lines().count());
            }
        }
    }

    /** A program that calls none of them needs no newer driver; one that does is told so. */
    @Test
    void recentOnesAreAskedForAtTheCall() {
        PanamaDriver driver = new PanamaDriver(Stub.without("cuLaunchKernelEx", "cuGraphExecUpdate_v2",
                "cuFuncGetParamInfo"));
        Grid clusters = Grid.of(4, 32).cluster(2, 1, 1);
        assertEquals("libstub.so has no cuLaunchKernelEx; update the GPU driver to CUDA 12 or newer",
                assertThrows(CharlstmException.class, () -> driver.launch(1, clusters, 0, MemorySegment.NULL))
                        .getMessage());
        assertEquals("libstub.so has no cuGraphExecUpdate_v2; update the GPU driver to CUDA 12 or newer",
                assertThrows(CharlstmException.class, () -> driver.update(1, 2)).getMessage());
        assertNull(driver.parameterSizes(1));
    }

    /** Those that have functions without which a library is of no use. */
    static List<Function<LibrarySearch.Found, Object>> demanding() {
        return bindings().stream().filter(binding -> !(binding.apply(Stub.without()) instanceof RecentFunctions)
                && !(binding.apply(Stub.without()) instanceof CudnnCause))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("demanding")
    void severalAreNamedTogether(Function<LibrarySearch.Found, Object> binding) {
        List<String> names = Stub.functions(binding.apply(Stub.without())).stream()
                .map(NativeFunctions.Function::name).filter(name -> !OPTIONAL.contains(name)).limit(2).toList();
        CharlstmException e = assertThrows(CharlstmException.class,
                () -> binding.apply(Stub.without(names.toArray(String[]::new))));
        names.forEach(name -> assertTrue(e.getMessage().contains(name), e.getMessage()));
    }
}
