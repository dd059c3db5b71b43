package org.charlstm.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import module java.base;
import org.charlstm.CharlstmException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Where texts of kernels come from. */
class CudaSourceTest {
    private static void assertRefused(String message, Class<?> owner, String name) {
        assertEquals(message,
                assertThrows(CharlstmException.class, () -> CudaSource.ofResource(owner, name)).getMessage());
    }

    @Test
    void aResourceThatThereIsNotIsNamed() {
        assertRefused("there is no resource none.cu beside org.charlstm.cuda.CudaSourceTest", CudaSourceTest.class,
                "none.cu");
        assertRefused("there is no resource /none.cu beside java.lang.String", String.class, "/none.cu");
        assertRefused("there is no resource folder/none.cu beside java.lang.String", String.class, "folder/none.cu");
    }

    @Test
    void nullAmongOptionsAndNamesIsNamed() {
        CudaSource text = CudaSource.of("a.cu", "");
        assertNull("a name is null", () -> text.withNames((String) null));
        assertNull("a name is null", () -> text.withNames("k", null));
        assertNull("an option is null", () -> text.withOptions((String) null));
        assertNull("an option is null",
                () -> new CudaSource("a.cu", "", Map.of(), Arrays.asList("-G", null), List.of()));
    }

    private static void assertNull(String message, Executable action) {
        assertEquals(message, assertThrows(NullPointerException.class, action).getMessage());
    }

    /** A class of the JDK is in a module with packages that are not open, as a program's may be. */
    @Test
    void aPackageThatIsNotOpenIsNamedWithWhatOpensIt() {
        String closed = "the resource %s beside java.lang.String cannot be seen: its package is not open; write "
                + "'opens %s;' in module-info.java of module java.base, or read it there and give its text to "
                + "CudaSource.of";
        assertRefused(closed.formatted("none.cu", "java.lang"), String.class, "none.cu");
        assertRefused(closed.formatted("/java/util/none.cu", "java.util"), String.class, "/java/util/none.cu");
    }
}
