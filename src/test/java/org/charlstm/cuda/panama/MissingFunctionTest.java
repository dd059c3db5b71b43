package org.charlstm.cuda.panama;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.function.Function;
import org.charlstm.CharlstmException;
import org.charlstm.cuda.LibrarySearch;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A library that lacks a function is an answer that names the function; one that is only of help may be missing. */
class MissingFunctionTest {
    private static final List<String> OPTIONAL = List.of("cuGetErrorName", "cudnnGetErrorString",
            "cudnnGetLastErrorString", "ncclGetLastError");

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

    @ParameterizedTest
    @MethodSource("bindings")
    void severalAreNamedTogether(Function<LibrarySearch.Found, Object> binding) {
        List<String> names = Stub.functions(binding.apply(Stub.without())).stream()
                .map(NativeFunctions.Function::name).filter(name -> !OPTIONAL.contains(name)).limit(2).toList();
        CharlstmException e = assertThrows(CharlstmException.class,
                () -> binding.apply(Stub.without(names.toArray(String[]::new))));
        names.forEach(name -> assertTrue(e.getMessage().contains(name), e.getMessage()));
    }
}
