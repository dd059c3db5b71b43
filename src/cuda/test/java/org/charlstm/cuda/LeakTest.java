package org.charlstm.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.Refusals;
import org.charlstm.cuda.SimulatedGpu;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import outside.Forgetful;

/** A program that forgets to close is told so and leaves nothing behind; a GPU that is not there is told, too. */
@Needs(Need.SIMULATED_GPU)
class LeakTest {
    private static final String FAULTS = "CHARLSTM_SIM_FAULTS";

    private final Logger logger = Logger.getLogger("org.charlstm.cuda");
    private final List<String> said = new ArrayList<>();
    private final Handler handler = new Handler() {
        @Override
        public void publish(LogRecord line) {
            assertEquals(Level.WARNING, line.getLevel());
            said.add(new SimpleFormatter().formatMessage(line));
        }

        @Override
        public void flush() {
        }

        @Override
        public void close() {
        }
    };

    @BeforeEach
    void listen() {
        logger.addHandler(handler);
        logger.setUseParentHandlers(false);
    }

    @AfterEach
    void reset() {
        logger.removeHandler(handler);
        logger.setUseParentHandlers(true);
        SimulatedGpu.set(FAULTS, null);
    }

    static List<String> bindings() {
        return Gpus.BINDINGS;
    }

    private static Cuda open(String binding) {
        return Gpus.open(binding);
    }

    @ParameterizedTest
    @MethodSource("bindings")
    void thingsLeftOpenAreNamedByTheLineThatOpenedThemAndReleased(String binding) {
        Gpus.open().close();
        long before = SimulatedGpu.live();
        List<String> opened;
        try (Cuda gpu = open(binding)) {
            opened = new Forgetful().few(gpu);
        }
        assertEquals(List.of("GPU 0 is closed, and with it what nobody closed: " + String.join("; ", opened)), said);
        assertEquals(before, SimulatedGpu.live());
    }

    @ParameterizedTest
    @MethodSource("bindings")
    void oneOfEachKindIsReleasedAndTheFirstFiveAreNamed(String binding) {
        Gpus.open().close();
        long before = SimulatedGpu.live();
        List<String> opened;
        try (Cuda gpu = open(binding)) {
            opened = new Forgetful().all(gpu, gpu.libraries().nccl().uniqueId());
        }
        assertEquals(10, opened.size());
        assertEquals(List.of("GPU 0 is closed, and with it what nobody closed: "
                + String.join("; ", opened.subList(0, 5)) + "; and 5 more"), said);
        assertEquals(before, SimulatedGpu.live());
    }

    @ParameterizedTest
    @MethodSource("bindings")
    void aTidyProgramHearsNothing(String binding) {
        try (Cuda gpu = open(binding);
                CudaBuffer buffer = gpu.floats(1);
                CudaBuffer result = gpu.floats(0);
                CudaStream stream = gpu.newStream(0);
                CudaStopwatch watch = gpu.newStopwatch();
                CudaModule module = gpu.load("kernels", SimulatedGpu.builtIn())) {
            gpu.on(stream, () -> gpu.blas().multiply(1, 1, 1, buffer, buffer.view(0, 1), result));
            watch.mark();
            assertEquals("kernels", module.name());
            assertThrows(IllegalArgumentException.class, () -> gpu.allocate(CudaType.INT32, 0));
            assertThrows(IllegalArgumentException.class, () -> gpu.pinned(CudaType.INT32, 0));
            assertThrows(IllegalArgumentException.class, () -> gpu.join(new byte[1], 1, 0));
            assertThrows(RuntimeException.class, () -> gpu.record(() -> buffer.read(new float[1])));
        }
        assertEquals(List.of(), said);
    }

    /** A fault stays: every call after it reports it, all is released, and the GPU opens again. */
    @ParameterizedTest
    @MethodSource("bindings")
    void afterAFaultNothingWorksNothingStaysAndTheNextGpuIsWell(String binding) {
        Gpus.open().close();
        long before = SimulatedGpu.live();
        Cuda gpu = open(binding);
        CudaBuffer buffer = gpu.ints(1, 2, 3);
        CudaModule module = gpu.load("kernels", SimulatedGpu.builtIn());
        CudaKernel add = module.kernel("add(int*, int, int)");
        CudaException fault = assertThrows(CudaException.class, () -> {
            add.launch(Grid.of(1, 8), buffer, 1, 8);
            gpu.synchronize();
        });
        assertEquals("CUDA_ERROR_ILLEGAL_ADDRESS", fault.statusName());
        assertTrue(fault.getMessage().contains("(CUDA_ERROR_ILLEGAL_ADDRESS: kernel add: out-of-bounds "),
                fault.getMessage());
        assertTrue(
                fault.getMessage().endsWith("; a kernel went beyond its buffers: check its indices, its arguments and "
                        + "their sizes"),
                fault.getMessage());
        for (Runnable after : List.<Runnable>of(buffer::toInts, gpu::synchronize, () -> gpu.floats(1),
                () -> add.launch(Grid.of(1, 1), buffer, 1, 1))) {
            assertEquals(fault.status(), assertThrows(CudaException.class, after::run).status());
        }
        module.close();
        gpu.close();
        assertFalse(gpu.isOpen() || buffer.isOpen() || module.isOpen());
        gpu.close();
        assertEquals(before, SimulatedGpu.live());
        try (Cuda next = open(binding); CudaBuffer values = next.ints(5)) {
            assertArrayEquals(new int[] {5}, values.toInts());
        }
    }

    /** Too little memory is no fault: the message names purpose and sizes, and a smaller buffer fits. */
    @ParameterizedTest
    @MethodSource("bindings")
    void tooLittleMemoryIsSaidAndNothingIsLost(String binding) {
        try (Cuda gpu = open(binding)) {
            long live = SimulatedGpu.live();
            CudaException none = assertThrows(CudaException.class,
                    () -> gpu.allocate(CudaType.FLOAT64, 1L << 40, "a table"));
            assertTrue(none.outOfMemory());
            assertTrue(none.getMessage().matches(".* for a table do not fit beside the 0 KiB of other buffers; .* are "
                    + "free; free what is not needed, or take less at a time"), none.getMessage());
            Refusals.assertLine("cuMemAlloc", none.getMessage());
            assertEquals(live, SimulatedGpu.live());
            assertEquals(0, gpu.memory().peak());
            gpu.floats(1, 2).close();
        }
        assertEquals(List.of(), said);
    }

    @Test
    void gpusAreListedAndTheirAbsenceIsExplained() {
        assertEquals(Optional.empty(), Cuda.unavailable(CudaOptions.SIMULATED));
        assertEquals(Optional.of("there is no GPU 3; the driver sees one, number 0"),
                Cuda.unavailable(CudaOptions.SIMULATED.with(3)));
        assertEquals(Cuda.unavailable(CudaOptions.SIMULATED.with(3)).orElseThrow(),
                assertThrows(CharlstmException.class, () -> Cuda.open(CudaOptions.SIMULATED.with(3))).getMessage());
        long before = SimulatedGpu.live();
        List<CudaProperties> all = Cuda.gpus(CudaOptions.SIMULATED);
        assertEquals(before, SimulatedGpu.live());
        try (Cuda gpu = Cuda.open(CudaOptions.SIMULATED.with(Binding.JCUDA))) {
            assertEquals(List.of(gpu.properties()), all);
            assertEquals(List.of(0, 90, 4, 1024), List.of(gpu.properties().number(), gpu.properties().capability(),
                    gpu.properties().multiprocessors(), gpu.properties().threadsPerBlock()));
            assertTrue(gpu.memory().free() <= gpu.memory().total());
            assertTrue(gpu.memory().total() <= gpu.properties().memory());
        }
        Refusals.assertLine("a process is simulated or real, never both",
                Cuda.unavailable(CudaOptions.DEFAULT).orElse("a process is simulated or real, never both"));
    }

    @ParameterizedTest
    @MethodSource("bindings")
    void aDriverWithoutAGpuSaysSo(String binding) {
        SimulatedGpu.set(FAULTS, "no_device");
        try {
            String line = Refusals.assertRefused("no GPU is visible; check nvidia-smi and CUDA_VISIBLE_DEVICES",
                    () -> Gpus.libraries(binding).driver());
            assertTrue(line.startsWith("cuInit failed with status 100 (CUDA_ERROR_NO_DEVICE); "), line);
        } finally {
            SimulatedGpu.set(FAULTS, null);
            Gpus.open().close();
        }
    }
}
