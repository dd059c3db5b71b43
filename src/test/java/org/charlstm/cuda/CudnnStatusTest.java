package org.charlstm.cuda;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.charlstm.Setting;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a status of cuDNN's means by its range of a thousand. */
class CudnnStatusTest {
    private static CudaException failure(int status) {
        return assertThrows(CudaException.class,
                () -> CudnnStatus.check("cudnnTry", status, number -> "NAME_OF_" + number));
    }

    /** Of cuBLAS. */
    @Test
    void aPageThatAHintNamesHasTheVersions() throws IOException {
        String hint = assertThrows(CudaException.class, () -> CublasStatus.check("cublasTry", 15)).getMessage();
        Matcher page = Pattern.compile("docs/\\S+\\.md").matcher(hint);
        assertTrue(page.find() && hint.contains("workspace"), hint);
        assertTrue(Files.readString(Path.of(page.group())).contains("\n## Versions\n"), hint);
    }

    @Test
    void successIsNoFailure() {
        assertDoesNotThrow(() -> CudnnStatus.check("cudnnTry", 0, number -> {
            throw new AssertionError("success needs no name");
        }));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "1    | check nvidia-smi and the system's log",
        "999  | check nvidia-smi and the system's log",
        "1000 | the GPU may have too little free memory for cuDNN, or one of cuDNN's own libraries is missing",
        "1999 | the GPU may have too little free memory for cuDNN, or one of cuDNN's own libraries is missing",
        "2000 | this is a bug in charlstm; please report it",
        "2999 | this is a bug in charlstm; please report it",
        "3000 | this cuDNN does not do this for this shape or GPU; try another rnn-algo",
        "3999 | this cuDNN does not do this for this shape or GPU; try another rnn-algo",
        "4000 | check nvidia-smi and the system's log",
        "5000 | check nvidia-smi and the system's log"})
    void aFailureNamesItsCallAndStatusAndSaysWhatToDo(int status, String hint) {
        CudaException e = failure(status);
        assertEquals("cudnnTry failed with status " + status + " (NAME_OF_" + status + "); " + hint, e.getMessage());
        assertEquals(status, e.status());
        assertEquals(hint.contains("rnn-algo") ? List.of(Setting.CUDNN_ALGORITHM) : List.of(), e.settings());
    }
}
