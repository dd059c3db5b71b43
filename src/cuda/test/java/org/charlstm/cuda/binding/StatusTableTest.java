package org.charlstm.cuda.binding;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.cuda.CudaException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The exception that a status becomes: its name, its hint, and whether memory ran out. */
class StatusTableTest {
    private static CudaException failure(StatusTable table, int status) {
        return table.failure("someCall", status, "", "");
    }

    @Test
    void theHintOfCublasNamesAPageThatHasTheVersions() throws IOException {
        String hint = failure(StatusTable.CUBLAS, 15).getMessage();
        Matcher page = Pattern.compile("docs/\\S+\\.md").matcher(hint);
        assertTrue(page.find() && hint.contains("workspace"), hint);
        assertTrue(Files.readString(Path.of(page.group())).contains("\n## Versions\n"), hint);
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

    /** A program on the library is told of what it can know: no model, and no bug of others. */
    @ParameterizedTest
    @EnumSource
    void hintsAreOfNoModelAndOfNoBug(StatusTable table) {
        for (CudaException.Status status : table.statuses()) {
            assertFalse(status.hint().matches("(?i).*\\b(bug|report|batch|units|captions?|models?|charlstm's)\\b.*"),
                    status.hint());
        }
    }

    /** Of the machine, not of the program: the first words of a card that does not start. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "34  | CUDA_ERROR_STUB_LIBRARY | install the GPU driver; in a container, give it the GPUs",
        "36  | CUDA_ERROR_CALL_REQUIRES_NEWER_DRIVER | update the driver, or take libraries and a compiler of its CUDA",
        "46  | CUDA_ERROR_DEVICE_UNAVAILABLE | set the compute mode back (nvidia-smi -c 0); with MIG on, name",
        "214 | CUDA_ERROR_ECC_UNCORRECTABLE | end all programs on this GPU and reset it (nvidia-smi -r)",
        "222 | CUDA_ERROR_UNSUPPORTED_PTX_VERSION | update the driver, or take libraries and a compiler of its CUDA",
        "802 | CUDA_ERROR_SYSTEM_NOT_READY | start the fabric manager of the driver's own version",
        "803 | CUDA_ERROR_SYSTEM_DRIVER_MISMATCH | restart the machine after a driver update",
        "804 | CUDA_ERROR_COMPAT_NOT_SUPPORTED_ON_DEVICE | take its folder out of LD_LIBRARY_PATH"})
    void theMachinesFaultsSayInOneLineWhatToDo(int status, String name, String hint) {
        CudaException e = failure(StatusTable.DRIVER, status);
        assertEquals(name, e.statusName());
        assertTrue(e.getMessage().contains(hint), e.getMessage());
        assertEquals(1, e.getMessage().lines().count());
        assertFalse(e.ofProgram() || e.outOfMemory());
    }

    @Test
    void aClusterThatDoesNotFitIsTheProgramsToMend() {
        CudaException e = failure(StatusTable.DRIVER, 912);
        assertEquals("CUDA_ERROR_INVALID_CLUSTER_SIZE", e.statusName());
        assertTrue(
                e.ofProgram() && e.getMessage()
                        .contains("no more than 8 blocks a cluster, or 16 where the kernel allows them,"),
                e.getMessage());
    }

    /** Advice to find the place of a fault is for those who are not told. */
    @Test
    void whoIsToldWhereAKernelFailedIsNotToldToLook() {
        String look = "; compute-sanitizer, or the simulated GPU, says where";
        for (int status : new int[] {700, 719}) {
            assertTrue(failure(StatusTable.DRIVER, status).getMessage().endsWith(look));
            assertFalse(StatusTable.DRIVER.failure("cuLaunchKernel", status, "", "kernel k: race").getMessage()
                    .contains("compute-sanitizer"));
        }
    }

    @ParameterizedTest
    @CsvSource({"DRIVER, 1, true", "DRIVER, 701, true", "DRIVER, 719, true", "CUDNN, 2004, true", "NVRTC, 3, true",
        "DRIVER, 2, false", "DRIVER, 999, false", "CUDNN, 3000, false", "NVRTC, 6, false", "NCCL, 6, false"})
    void theProgramIsAtFaultForWhatItGaveAndWrote(StatusTable table, int status, boolean program) {
        CudaException e = failure(table, status);
        assertEquals(program, e.ofProgram());
        assertEquals(program, e.with("more is known", "do this").ofProgram());
        assertTrue(
                e.with("more is known", "do this").with("or that").getMessage().endsWith("); more is known; or that"));
    }

    /** The fault of a program's own arguments. */
    @ParameterizedTest
    @CsvSource({"DRIVER, 1", "DRIVER, 400", "CUBLAS, 7", "CUDNN, 2004", "NVRTC, 3", "NCCL, 4"})
    void wrongArgumentsAreTheCallersToCheck(StatusTable table, int status) {
        String message = failure(table, status).getMessage();
        assertTrue(
                message.endsWith("; check what was given to this call: its sizes, and that each address and handle is "
                        + "of this GPU and open"),
                message);
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
        "2000 | check what was given to this call: its sizes, and that each address and handle is of this GPU and open",
        "2999 | check what was given to this call: its sizes, and that each address and handle is of this GPU and open",
        "3000 | this cuDNN does not do this for this shape or GPU; try another algorithm",
        "3999 | this cuDNN does not do this for this shape or GPU; try another algorithm",
        "4000 | check nvidia-smi and the system's log",
        "5000 | check nvidia-smi and the system's log"})
    void cudnnsStatusesHaveTheHintOfTheirRange(int status, String hint) {
        CudaException e = StatusTable.CUDNN.failure("cudnnTry", status, "NAME_OF_" + status, "");
        assertEquals("cudnnTry failed with status " + status + " (NAME_OF_" + status + "); " + hint, e.getMessage());
        assertEquals(status, e.status());
    }
}
