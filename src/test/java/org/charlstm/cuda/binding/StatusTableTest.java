package org.charlstm.cuda.binding;

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
import org.charlstm.cuda.CudaException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The exception that a status becomes: its name, its hint, and whether memory ran out. */
class StatusTableTest {
    private static CudaException failure(StatusTable table, int status) {
        return assertThrows(CudaException.class, () -> table.check("someCall", status));
    }

    @Test
    void theHintOfCublasNamesAPageThatHasTheVersions() throws IOException {
        String hint = failure(StatusTable.CUBLAS, 15).getMessage();
        Matcher page = Pattern.compile("docs/\\S+\\.md").matcher(hint);
        assertTrue(page.find() && hint.contains("workspace"), hint);
        assertTrue(Files.readString(Path.of(page.group())).contains("\n## Versions\n"), hint);
    }

    @ParameterizedTest
    @EnumSource
    void statusZeroIsSuccess(StatusTable table) {
        assertDoesNotThrow(() -> table.check("someCall", 0));
    }

    @ParameterizedTest
    @CsvSource({"DRIVER, see CUresult in cuda.h", "CUBLAS, see cublasStatus_t", "NVRTC, see nvrtcResult in nvrtc.h",
        "NCCL, see ncclResult_t"})
    void anUnlistedStatusIsGivenByNumberAndByTheLibrarysNameIfItHasOne(StatusTable table, String name) {
        assertEquals("someCall failed with status 12345 (" + name + ")", failure(table, 12345).getMessage());
        CudaException named = table.failure("someCall", 12345, "NAME", "the cause");
        assertEquals("someCall failed with status 12345 (NAME: the cause)", named.getMessage());
        assertEquals("NAME", named.statusName());
    }

    /** The fault of a program's own arguments comes first, and no bug of charlstm's is said to be one before. */
    @ParameterizedTest
    @CsvSource({"DRIVER, 1", "DRIVER, 400", "CUBLAS, 7", "CUDNN, 2004", "NVRTC, 3", "NCCL, 4"})
    void wrongArgumentsAreTheCallersToCheck(StatusTable table, int status) {
        String message = failure(table, status).getMessage();
        assertTrue(message.endsWith("; check the arguments of this call; if they are right, this is a bug in charlstm: "
                + "please report it"), message);
    }

    @ParameterizedTest
    @CsvSource({"DRIVER, 2, true", "DRIVER, 999, false", "CUBLAS, 3, true", "CUBLAS, 1, false", "CUDNN, 4003, true",
        "CUDNN, 4004, true", "CUDNN, 4000, false", "CUDNN, 1001, false", "NVRTC, 1, true", "NVRTC, 6, false",
        "NCCL, 1, false"})
    void statusesThatMeanOutOfMemoryAreKnownByNumber(StatusTable table, int status, boolean outOfMemory) {
        CudaException e = failure(table, status);
        assertEquals(outOfMemory, e.outOfMemory());
        assertEquals(outOfMemory, e.with("more is known", "do this").outOfMemory());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "1    | check nvidia-smi and the system's log",
        "999  | check nvidia-smi and the system's log",
        "1000 | the GPU may have too little free memory for cuDNN, or one of cuDNN's own libraries is missing",
        "1999 | the GPU may have too little free memory for cuDNN, or one of cuDNN's own libraries is missing",
        "2000 | check the arguments of this call; if they are right, this is a bug in charlstm: please report it",
        "2999 | check the arguments of this call; if they are right, this is a bug in charlstm: please report it",
        "3000 | this cuDNN does not do this for this shape or GPU; try another algorithm",
        "3999 | this cuDNN does not do this for this shape or GPU; try another algorithm",
        "4000 | check nvidia-smi and the system's log",
        "5000 | check nvidia-smi and the system's log"})
    void cudnnsStatusesHaveTheHintOfTheirRange(int status, String hint) {
        CudaException e = StatusTable.CUDNN.failure("cudnnTry", status, "NAME_OF_" + status, "");
        assertEquals("cudnnTry failed with status " + status + " (NAME_OF_" + status + "); " + hint, e.getMessage());
        assertEquals(status, e.status());
        assertEquals(hint.contains("algorithm") ? List.of(Setting.CUDNN_ALGORITHM) : List.of(), e.settings());
    }
}
