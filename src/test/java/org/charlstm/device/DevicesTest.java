package org.charlstm.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.charlstm.device.gpu.GpuOptions;
import org.junit.jupiter.api.Test;

/** What only some devices let a user choose. */
class DevicesTest {
    @Test
    void anOptionOfAnotherDeviceIsIgnored() {
        try (Device device = Devices.open("reference", DeviceOptions.DEFAULT.with("rnn-algo", "standard"))) {
            assertEquals("reference", device.name());
        }
    }

    @Test
    void anOptionThatNoDeviceHasIsRefused() {
        String message = assertThrows(IllegalArgumentException.class,
                () -> Devices.select("reference", DeviceOptions.DEFAULT.with("rnn-algorithm", "standard")))
                .getMessage();
        assertEquals("no device has an option 'rnn-algorithm'; there are lstm, rnn-algo, graph, overlap, cuda-binding",
                message);
    }

    @Test
    void aValueThatAnOptionDoesNotHaveIsRefused() {
        String message = assertThrows(IllegalArgumentException.class,
                () -> GpuOptions.of(DeviceOptions.DEFAULT.with("rnn-algo", "fastest"))).getMessage();
        assertTrue(message.startsWith("rnn-algo is 'fastest'; there are auto, standard, "), message);
        message = assertThrows(IllegalArgumentException.class, () -> GpuOptions.of(
                DeviceOptions.DEFAULT.with("rnn-algo", "persist-static").with("lstm", "plain"))).getMessage();
        assertEquals("rnn-algo persist-static is an algorithm of cuDNN's, and lstm is plain; leave one of them out",
                message);
    }
}
