package org.charlstm.device.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.charlstm.device.cuda.binding.CudaDriver;
import org.junit.jupiter.api.Test;

/** Several GPUs in one process, and one that several threads take turns at. */
class ContextTest {
    private final ThreadLocal<Object> current = new ThreadLocal<>();
    private final List<Object> allocatedIn = new ArrayList<>();
    private final CudaDriver driver = FakeDriver.telling((call, arguments) -> {
        if (call.equals("makeCurrent")) {
            current.set(arguments[0]);
        } else if (call.equals("allocate")) {
            allocatedIn.add(current.get());
        }
    });

    @Test
    void memoryComesFromTheContextThatIsAsked() throws InterruptedException {
        CudaContext first = new CudaContext(driver, 0);
        Object ofFirst = current.get();
        CudaContext second = new CudaContext(driver, 1);
        Object ofSecond = current.get();
        for (CudaContext context : List.of(first, second, first)) {
            CudaBuffer.uninitialised(context, 4, "a test");
        }
        Thread other = new Thread(() -> CudaBuffer.uninitialised(second, 4, "a test"));
        other.start();
        other.join();
        assertEquals(List.of(ofFirst, ofSecond, ofFirst, ofSecond), allocatedIn);
        second.close();
        first.close();
    }
}
