package org.charlstm.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

/** Options that only some devices know. */
class DevicesTest {
    @Test
    void optionsOfAGpuAreIgnoredByOtherDevices() {
        try (Device device = Devices.open("reference",
                DeviceOptions.DEFAULT.with(GpuOptions.DEFAULT.with(GpuOptions.Algorithm.STANDARD)))) {
            assertEquals("reference", device.name());
        }
    }

    @Test
    void anAlgorithmOfCudnnIsRefusedWithAnotherEngine() {
        GpuOptions options = GpuOptions.DEFAULT.with(GpuOptions.Algorithm.PERSIST_STATIC);
        assertEquals(GpuOptions.Engine.CUDNN, options.engine());
        String message = assertThrows(IllegalArgumentException.class, () -> options.with(GpuOptions.Engine.PLAIN))
                .getMessage();
        assertEquals("rnn-algo persist-static is an algorithm of cuDNN's, and rnn-engine is plain; leave one of them "
                + "out", message);
    }
}
