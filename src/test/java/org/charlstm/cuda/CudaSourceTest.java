package org.charlstm.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.charlstm.CharlstmException;
import org.junit.jupiter.api.Test;

/** Where texts of kernels come from. */
class CudaSourceTest {
    private static String refused(Class<?> owner, String name) {
        return assertThrows(CharlstmException.class, () -> CudaSource.ofResource(owner, name)).getMessage();
    }

    @Test
    void aResourceThatThereIsNotIsNamed() {
        assertEquals("there is no resource none.cu beside org.charlstm.cuda.CudaSourceTest",
                refused(CudaSourceTest.class, "none.cu"));
        assertEquals("there is no resource /none.cu beside java.lang.String", refused(String.class, "/none.cu"));
        assertEquals("there is no resource folder/none.cu beside java.lang.String",
                refused(String.class, "folder/none.cu"));
    }

    /** A class of the JDK is in a module with packages that are not open, as a program's may be. */
    @Test
    void aPackageThatIsNotOpenIsNamedWithWhatOpensIt() {
        assertEquals(
                "the resource none.cu beside java.lang.String cannot be seen: its package is not open; write 'opens "
                        + "java.lang;' in module-info.java of module java.base, or read it there and give its text to "
                        + "CudaSource.of",
                refused(String.class, "none.cu"));
        assertEquals("the resource /java/util/none.cu beside java.lang.String cannot be seen: its package is not open; "
                + "write 'opens java.util;' in module-info.java of module java.base, or read it there and give its text "
                + "to CudaSource.of", refused(String.class, "/java/util/none.cu"));
    }
}
