package org.charlstm.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.charlstm.CharlstmException;
import org.junit.jupiter.api.Test;

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
