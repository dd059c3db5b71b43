package org.charlstm.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import module java.base;
import org.charlstm.cuda.binding.CudaDriver;
import org.charlstm.cuda.binding.StatusTable;
import org.junit.jupiter.api.Test;

/** Several GPUs in one process, and one that several threads take turns at. */
class ContextTest {
    private final Map<Thread, Object> current = new ConcurrentHashMap<>();
    private final List<Object> allocatedIn = new ArrayList<>();
    private final CudaDriver driver = FakeDriver.telling((call, arguments) -> {
        if (call.equals("cuCtxSetCurrent")) {
            current.put(Thread.currentThread(), arguments[0]);
        } else if (call.equals("cuMemAlloc_v2")) {
            allocatedIn.add(current.get(Thread.currentThread()));
        }
    });

    /** Closing by another thread releases all, even if the context cannot be made current there. */
    @Test
    void aContextThatCannotBeMadeCurrentIsReleasedAllTheSame() throws InterruptedException {
        List<String> calls = new ArrayList<>();
        Cuda gpu = new Cuda(FakeDriver.libraries(FakeDriver.telling((call, arguments) -> {
            calls.add(call);
            if (call.equals("cuCtxSetCurrent") && calls.indexOf(call) != calls.size() - 1) {
                throw StatusTable.DRIVER.failure("cuCtxSetCurrent", 201, "CUDA_ERROR_INVALID_CONTEXT", "");
            }
        })), 0);
        gpu.newEvent();
        gpu.newStream(0);
        gpu.handOver();
        List<RuntimeException> thrown = new ArrayList<>();
        Thread other = new Thread(() -> thrown.add(assertThrows(CudaException.class, gpu::close)));
        other.start();
        other.join();
        assertEquals(1, thrown.size());
        List<String> releases = calls.stream().filter(call -> !call.equals("cuCtxSetCurrent")).toList();
        assertEquals(
                List.of("cuStreamDestroy_v2", "cuEventDestroy_v2", "cuStreamDestroy_v2",
                        "cuDevicePrimaryCtxRelease_v2"),
                releases.subList(releases.size() - 4, releases.size()));
    }

    /** Before anything is released, so that no kernel or copy is under way then. */
    @Test
    void closingWaitsForEveryStream() {
        List<String> calls = new ArrayList<>();
        Cuda gpu = new Cuda(FakeDriver.libraries(FakeDriver.telling((call, arguments) -> calls.add(call))), 0);
        gpu.newStream(0);
        calls.clear();
        gpu.close();
        assertEquals(List.of("cuStreamSynchronize", "cuStreamSynchronize"),
                calls.subList(0, calls.indexOf("cuStreamDestroy_v2")));
    }

    @Test
    void memoryComesFromTheContextThatIsAsked() throws InterruptedException {
        Cuda first = new Cuda(FakeDriver.libraries(driver), 0);
        Object ofFirst = current.get(Thread.currentThread());
        Cuda second = new Cuda(FakeDriver.libraries(driver), 1);
        Object ofSecond = current.get(Thread.currentThread());
        for (Cuda gpu : List.of(first, second, first)) {
            gpu.uninitialised(CudaType.INT32, 1, "a test");
        }
        second.handOver();
        Thread other = new Thread(() -> {
            second.takeOver();
            second.uninitialised(CudaType.INT32, 1, "a test");
        });
        other.start();
        other.join();
        assertEquals(List.of(ofFirst, ofSecond, ofFirst, ofSecond), allocatedIn);
        second.takeOver();
        second.close();
        first.close();
    }
}
