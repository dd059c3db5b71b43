package org.charlstm.device.gpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.cuda.Cuda;
import org.charlstm.cuda.CudaBuffer;
import org.charlstm.cuda.CudaException;
import org.charlstm.cuda.CudaGraph;
import org.charlstm.cuda.CudaInstallation;
import org.charlstm.cuda.CudaKernel;
import org.charlstm.cuda.CudaModule;
import org.charlstm.cuda.Gpus;
import org.charlstm.cuda.Grid;
import org.charlstm.cuda.SimulatedGpu;
import org.charlstm.cuda.binding.CudaDriver;
import org.charlstm.cuda.binding.LibrarySearch;
import org.charlstm.device.gpu.tools.Kernel;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The driver's binding on the simulated GPU: what it answers, and what becomes of its failures. */
@Needs(Need.SIMULATED_GPU)
class DriverTest {
    private static final String FAULTS = "CHARLSTM_SIM_FAULTS";
    private static final String STREAMS = "CHARLSTM_SIM_STREAMS";

    @AfterEach
    void reset() {
        SimulatedGpu.set(FAULTS, null);
        SimulatedGpu.set(STREAMS, null);
    }

    @Test
    void tellsWhatTheDeviceIs() {
        try (Gpu gpu = Gpu.open()) {
            assertEquals(13000, gpu.driver().version());
            assertEquals(1, gpu.driver().cuDeviceGetCount());
            assertEquals("charlstm simulated GPU", gpu.driver().deviceName(0));
            assertEquals(9, gpu.driver().cuDeviceGetAttribute(CudaDriver.COMPUTE_CAPABILITY_MAJOR, 0));
            assertEquals(0, gpu.driver().cuDeviceGetAttribute(CudaDriver.COMPUTE_CAPABILITY_MINOR, 0));
            assertEquals(8L << 30, gpu.driver().cuDeviceTotalMem_v2(0));
        }
    }

    @Test
    void aMachineWithoutAGpuIsAnAnswer() {
        Gpu.open().close();
        SimulatedGpu.set(FAULTS, "no_device");
        String reason = GpuFindings.missing(Gpus::installation).orElseThrow();
        assertTrue(reason.contains("CUDA_ERROR_NO_DEVICE") && reason.contains("nvidia-smi"), reason);
    }

    /** A failure during the search becomes a finding, not an exception; and auto passes the GPU over. */
    @Test
    void aCallThatFailsIsAFinding() {
        Gpu.open().close();
        int failed = 0;
        for (int n = 1; n <= 40; n++) {
            SimulatedGpu.set(FAULTS, "fail:" + n);
            if (GpuFindings.of(Gpus::installation).stream().anyMatch(finding -> !finding.present())) {
                failed++;
            }
            assertTrue(GpuFindings.passedOver(Gpus::installation).isPresent());
        }
        assertTrue(failed > 10, failed + " failures were found");
    }

    /** Only doctor says which variable to set; a run without a GPU does not. */
    @Test
    void aMachineWithoutADriverIsPassedOverInAFewWords() {
        String reason =
                "no libcuda.so.1 on the loader's path or in the usual folders; set CHARLSTM_LIBCUDA to its file";
        Supplier<CudaInstallation> without = () -> {
            throw new CharlstmException(reason);
        };
        assertEquals(Optional.of("no NVIDIA driver is here"), GpuFindings.passedOver(without));
        assertEquals(Optional.of(reason), GpuFindings.missing(without));
    }

    @Test
    void aSettingThatIsNoPathIsSaid() {
        CharlstmException e = assertThrows(CharlstmException.class, () -> LibrarySearch.path("CHARLSTM_SIM", "a\0b"));
        assertTrue(e.getMessage().startsWith("CHARLSTM_SIM names no path"), e.getMessage());
    }

    @Test
    void everythingThatIsOpenedIsClosed() {
        Gpu.open().close();
        long before = SimulatedGpu.live();
        try (Gpu gpu = Gpu.open()) {
            gpu.floats(1, 2, 3);
            assertTrue(SimulatedGpu.live() > before);
        }
        assertEquals(before, SimulatedGpu.live());
    }

    @ParameterizedTest
    @CsvSource({"oom:1, 2, cuMemAlloc_v2, CUDA_ERROR_OUT_OF_MEMORY, take less at a time",
        "fail:7, 999, cu, CUDA_ERROR_UNKNOWN, nvidia-smi"})
    void aFailureNamesCallStatusAndWhatToDo(String fault, int status, String call, String name, String hint) {
        Gpu.open().close();
        SimulatedGpu.set(FAULTS, fault);
        CudaException e = assertThrows(CudaException.class, () -> {
            try (Gpu gpu = Gpu.open()) {
                gpu.floats(1);
                gpu.floats(2);
            }
        });
        assertEquals(status, e.status());
        assertTrue(e.getMessage().startsWith(call) && e.getMessage().contains("status " + status)
                && e.getMessage().contains(name) && e.getMessage().contains(hint), e.getMessage());
        assertEquals(1, e.getMessage().lines().count());
    }

    @Test
    void memoryIsFilledWordByWord() {
        try (Gpu gpu = Gpu.open()) {
            long values = gpu.ints(1, 2, 3);
            gpu.driver().cuMemsetD32Async(values, 7, 2, gpu.stream());
            assertArrayEquals(new int[] {7, 7, 3}, gpu.readInts(values, 3));
        }
    }

    @Test
    void aKernelThatIsNotThereIsNamed() {
        try (Gpu gpu = Gpu.open()) {
            CudaModule module = gpu.context().cuda().load("nothing", SimulatedGpu.builtIn());
            CharlstmException e = assertThrows(CharlstmException.class, () -> module.kernel("no_such_kernel"));
            assertEquals("no kernel 'no_such_kernel' in nothing; a kernel is found if it is declared extern \"C\" "
                    + "__global__", e.getMessage());
            module.close();
        }
    }

    static List<String> bindings() {
        return Gpus.BINDINGS;
    }

    /** Through either binding, and to the byte. */
    @ParameterizedTest
    @MethodSource("bindings")
    void moreSharedMemoryThanUsualHasToBeAskedFor(String binding) {
        Gpu.open().close();

        try (Cuda gpu = Gpus.open(binding);
                CudaModule module = gpu.load("kernels", SimulatedGpu.builtIn());
                CudaBuffer values = gpu.ints(7)) {
            int most = gpu.properties().sharedPerBlockMost();
            assertEquals(227 << 10, most);
            CudaKernel add = module.kernel("add(int*, int, int)");
            add.launch(Grid.of(1, 1).shared(48 << 10), values, 10, 1);
            add.launch(Grid.of(1, 1).shared(most), values, 10, 1);
            assertEquals("a launch of add with 232449 bytes of dynamic shared memory; a block of it can have at most "
                    + "232448",
                    assertThrows(IllegalArgumentException.class,
                            () -> add.launch(Grid.of(1, 1).shared(most + 1), values, 10, 1)).getMessage());
            assertArrayEquals(new int[] {27}, values.toInts());
        }
    }

    @Test
    void argumentsInTheWrongOrderAreFound() {
        try (Gpu gpu = Gpu.open()) {
            long inputs = gpu.fresh(4);
            CudaException e = assertThrows(CudaException.class, () -> {
                // corpus and order exchanged: the row number 50 lies outside the corpus.
                gpu.each(Kernel.GATHER, 1, gpu.ints(0), gpu.ints(50, 60), gpu.ints(0), inputs, gpu.fresh(4), 2, 1, 0,
                        1, -1, 0);
                gpu.readInts(inputs, 1);
            });
            assertEquals("CUDA_ERROR_ILLEGAL_ADDRESS", e.statusName());
        }
    }

    @Test
    void memoryThatNobodyWroteIsNotRead() {
        try (Gpu gpu = Gpu.open()) {
            assertThrows(CudaException.class, () -> {
                gpu.each(Kernel.ADD, 1, gpu.fresh(4), 1, 1);
                gpu.driver().cuStreamSynchronize(gpu.stream());
            });
        }
    }

    /** On a stream that runs late the host sees nothing before it waits. */
    @Test
    void theHostMustWait() {
        Gpu.open().close();
        SimulatedGpu.set(STREAMS, "deferred");
        try (Gpu gpu = Gpu.open(); Arena arena = Arena.ofConfined()) {
            long values = gpu.ints(1, 2, 3);
            gpu.each(Kernel.ADD, 3, values, 10, 3);
            MemorySegment host = arena.allocate(12, 8);
            gpu.driver().copyToHost(host, values, gpu.stream());
            assertFalse(host.get(ValueLayout.JAVA_INT, 0) == 11, "the host saw what had not run");
            gpu.driver().cuStreamSynchronize(gpu.stream());
            assertArrayEquals(new int[] {11, 12, 13}, host.toArray(ValueLayout.JAVA_INT));
        }
    }

    @Test
    void aGraphReplaysWhatWasCaptured() {
        try (Gpu gpu = Gpu.open()) {
            long values = gpu.ints(1, 2, 3);
            long live = SimulatedGpu.live();
            try (CudaGraph graph = gpu.context().cuda().record(() -> {
                gpu.each(Kernel.ADD, 3, values, 10, 3);
                gpu.each(Kernel.ADD, 1, values, 100, 1);
            })) {
                assertArrayEquals(new int[] {1, 2, 3}, gpu.readInts(values, 3), "capturing runs nothing");
                graph.launch();
                graph.launch();
                assertArrayEquals(new int[] {221, 22, 23}, gpu.readInts(values, 3));
            }
            assertEquals(live, SimulatedGpu.live(), "a graph is left over");
        }
    }

    @Test
    void aLibraryThatIsMissingIsAnAnswer() {
        LibrarySearch.Wanted wanted = new LibrarySearch.Wanted(List.of("libno-such-thing.so.9"),
                "CHARLSTM_NO_SUCH_THING", "", "no-such-wheel");
        String reason = assertThrows(CharlstmException.class, () -> LibrarySearch.find(wanted, List.of())).getMessage();
        assertTrue(reason.contains("libno-such-thing.so.9")
                && reason.contains("pip install no-such-wheel, or set CHARLSTM_NO_SUCH_THING"), reason);
    }
}
