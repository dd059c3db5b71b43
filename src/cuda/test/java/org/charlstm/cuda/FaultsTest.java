package org.charlstm.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.charlstm.cuda.binding.CudaLibraries;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A kernel's fault takes every Cuda of its GPU; how a program goes on depends on the fault. */
@Needs(Need.SIMULATED_GPU)
class FaultsTest {
    private static final String FAULTS = "CHARLSTM_SIM_FAULTS";
    private static final String STREAMS = "CHARLSTM_SIM_STREAMS";
    private static final String ADD = "add(int* values, int amount, int n)";
    private static final CudaSource CHECKED = CudaSource.of("checked.cu", """
            extern "C" __global__ void checked(int* values, int most) {
                assert(values[threadIdx.x] < most);
            }
            """);

    @AfterEach
    void mend() {
        SimulatedGpu.set(FAULTS, null);
        SimulatedGpu.set(STREAMS, null);
        Gpus.open().close();
    }

    static List<String> bindings() {
        return Gpus.BINDINGS;
    }

    private static CudaException brokenBy(Runnable work) {
        CudaException fault = assertThrows(CudaException.class, work::run);
        assertTrue(fault.breaksContext(), fault::getMessage);
        return fault;
    }

    private static void fails(Cuda gpu) {
        try (CudaModule module = gpu.compile(CHECKED); CudaBuffer values = gpu.ints(1, 2, 3)) {
            module.kernel("checked").launch(Grid.of(1, 3), values, 3);
            gpu.synchronize();
        }
    }

    /** An assert of a kernel's that does not hold: cuda.h says that the context has to be made anew. */
    @ParameterizedTest
    @MethodSource("bindings")
    @Needs(Need.NVCC)
    void afterAnAssertTheGpuIsClosedAndOpenedAgain(String binding) {
        Cuda first = Gpus.open(binding);
        Cuda second = Gpus.open(binding);
        CudaBuffer ofSecond = second.ints(7);
        CudaException fault = brokenBy(() -> fails(first));
        assertEquals("CUDA_ERROR_ASSERT", fault.statusName());
        assertFalse(fault.needsNewProcess());
        // The other has lost what it had, and says why.
        for (Runnable work : List.<Runnable>of(ofSecond::toInts, second::synchronize, () -> second.floats(1))) {
            assertEquals(fault.status(), brokenBy(work).status());
        }
        CudaException tooEarly = brokenBy(() -> Gpus.open(binding));
        assertTrue(tooEarly.getMessage().startsWith("cuDevicePrimaryCtxRetain failed with status 710 "
                + "(CUDA_ERROR_ASSERT: kernel checked: assertion ")
                && tooEarly.getMessage().endsWith("; a kernel of this process has broken GPU 0: close all that is open "
                        + "on it, and open it again"),
                tooEarly::getMessage);
        first.close();
        ofSecond.close();
        second.close();
        assertFalse(first.isOpen() || second.isOpen() || ofSecond.isOpen());
        try (Cuda next = Gpus.open(binding); CudaBuffer values = next.ints(5)) {
            assertArrayEquals(new int[] {5}, values.toInts());
        }
    }

    /** Of every other fault cuda.h says that the process has to be started anew. */
    @ParameterizedTest
    @MethodSource("bindings")
    void afterAnyOtherFaultOnlyAnotherProcessGoesOn(String binding) {
        SimulatedGpu.set(FAULTS, "fault:add");
        CudaLibraries libraries = Gpus.libraries(binding);
        try (Cuda gpu = Gpus.open(libraries);
                CudaModule module = gpu.load("kernels", SimulatedGpu.builtIn());
                CudaBuffer values = gpu.ints(1, 2, 3)) {
            CudaException fault = brokenBy(() -> {
                module.kernel(ADD).launch(Grid.of(1, 3), values, 1, 3);
                gpu.synchronize();
            });
            assertTrue(fault.status() == 700 && fault.needsNewProcess());
            throw fault;
        } catch (CudaException e) {
            // All is closed here.
            assertEquals(700, e.status());
        }
        CudaException refused = brokenBy(() -> Gpus.open(libraries));
        assertTrue(refused.needsNewProcess());
        assertTrue(refused.getMessage().endsWith("; a kernel of this process has broken GPU 0: start another process"),
                refused::getMessage);
    }

    /** Of buffers, modules, streams and the libraries' handles alike. */
    @ParameterizedTest
    @MethodSource("bindings")
    void afterAFaultWasThrownClosingIsQuiet(String binding) {
        SimulatedGpu.set(FAULTS, "fault:add");
        CudaLibraries libraries = Gpus.libraries(binding);
        try (Cuda gpu = Gpus.open(libraries);
                CudaStream side = gpu.newStream(0);
                CudaModule module = gpu.load("kernels", SimulatedGpu.builtIn());
                CudaBuffer values = gpu.ints(1, 2, 3)) {
            gpu.blas().prepare();
            gpu.on(side, gpu.blas()::prepare);
            brokenBy(() -> {
                module.kernel(ADD).launch(Grid.of(1, 3), values, 1, 3);
                values.toInts();
            });
        }
    }

    /** A program that never waited learns of the fault by the end, and nobody twice. */
    @ParameterizedTest
    @MethodSource("bindings")
    void closingThrowsAFaultThatNoCallHasThrown(String binding) {
        SimulatedGpu.set(FAULTS, "fault:add");
        Cuda gpu = Gpus.open(binding, STREAMS, "deferred");
        CudaModule module = gpu.load("kernels", SimulatedGpu.builtIn());
        CudaBuffer values = gpu.ints(1, 2, 3);
        module.kernel(ADD).launch(Grid.of(1, 3), values, 1, 3);
        brokenBy(gpu::close);
        values.close();
        module.close();
    }

    @Test
    void otherFailuresBreakNothing() {
        try (Cuda gpu = Gpus.open(Gpus.BINDINGS.getFirst()); CudaBuffer values = gpu.ints(5)) {
            CudaException none = assertThrows(CudaException.class,
                    () -> gpu.allocate(CudaType.FLOAT64, 1L << 40, "a table"));
            assertFalse(none.breaksContext() || none.needsNewProcess());
            assertArrayEquals(new int[] {5}, values.toInts());
        }
    }
}
