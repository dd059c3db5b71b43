package org.charlstm.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import module java.base;
import org.charlstm.cuda.SimulatedGpu;
import org.charlstm.cuda.binding.CudaDriver;
import org.charlstm.cuda.binding.CudaLibraries;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A stream that waits for another's event, through each binding. */
@Needs(Need.SIMULATED_GPU)
class WaitingStreamsTest {
    private static final String STREAMS = "CHARLSTM_SIM_STREAMS";
    private static final int UNJOINED = 904;

    @AfterEach
    void reset() {
        SimulatedGpu.set(STREAMS, null);
    }

    static List<String> bindings() {
        return Gpus.BINDINGS;
    }

    private static int value(CudaDriver driver, long from, long stream) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment value = arena.allocate(4, 4);
            driver.copyToHost(value, from, stream);
            driver.cuStreamSynchronize(stream);
            return value.get(ValueLayout.JAVA_INT, 0);
        }
    }

    /** A stream runs no further than another waits for. */
    @ParameterizedTest
    @MethodSource("bindings")
    void comeAfterTheEvent(String binding) {
        Gpus.open().close();
        SimulatedGpu.set(STREAMS, "deferred");
        CudaLibraries libraries = Gpus.libraries(binding);
        CudaDriver driver = libraries.driver();
        try (Cuda gpu = new Cuda(libraries, 0)) {
            long other = driver.cuStreamCreateWithPriority(CudaDriver.NON_BLOCKING, 0);
            long event = driver.cuEventCreate(CudaDriver.DISABLE_TIMING);
            long memory = driver.cuMemAlloc_v2(4);
            driver.cuMemsetD32Async(memory, 7, 1, gpu.stream().handle());
            driver.cuEventRecord(event, gpu.stream().handle());
            driver.cuMemsetD32Async(memory, 8, 1, gpu.stream().handle());
            driver.cuStreamWaitEvent(other, event, 0);
            assertEquals(7, value(driver, memory, other));
            assertEquals(8, value(driver, memory, gpu.stream().handle()));
            driver.cuMemFree_v2(memory);
            driver.cuEventDestroy_v2(event);
            driver.cuStreamDestroy_v2(other);
        }
    }

    /** A recording takes in the stream that waits for it, and must wait for that stream in turn. */
    @ParameterizedTest
    @MethodSource("bindings")
    void areRecordedTogether(String binding) {
        Gpus.open().close();
        CudaLibraries libraries = Gpus.libraries(binding);
        CudaDriver driver = libraries.driver();
        try (Cuda gpu = new Cuda(libraries, 0)) {
            long other = driver.cuStreamCreateWithPriority(CudaDriver.NON_BLOCKING, 0);
            long event = driver.cuEventCreate(CudaDriver.DISABLE_TIMING);
            long memory = driver.cuMemAlloc_v2(4);
            CudaGraph graph = gpu.record(() -> {
                driver.cuMemsetD32Async(memory, 1, 1, gpu.stream().handle());
                driver.cuEventRecord(event, gpu.stream().handle());
                driver.cuStreamWaitEvent(other, event, 0);
                driver.cuMemsetD32Async(memory, 2, 1, other);
                driver.cuEventRecord(event, other);
                driver.cuStreamWaitEvent(gpu.stream().handle(), event, 0);
            });
            graph.launch();
            assertEquals(2, value(driver, memory, gpu.stream().handle()));
            graph.close();
            assertEquals(UNJOINED, assertThrows(CudaException.class, () -> gpu.record(() -> {
                driver.cuEventRecord(event, gpu.stream().handle());
                driver.cuStreamWaitEvent(other, event, 0);
                driver.cuMemsetD32Async(memory, 3, 1, other);
            })).status());
            assertEquals(2, value(driver, memory, gpu.stream().handle()));
            driver.cuMemFree_v2(memory);
            driver.cuEventDestroy_v2(event);
            driver.cuStreamDestroy_v2(other);
        }
    }
}
