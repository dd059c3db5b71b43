package org.charlstm.device.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.charlstm.device.RecurrentCell;
import org.charlstm.device.Rnn;
import org.charlstm.device.Rnn.InputShape;
import org.junit.jupiter.api.Test;

class WarmUpTest {
    private static final Rnn.Layers LAYERS =
            new Rnn.Layers(InputShape.ofIds(5), 128, 1, RecurrentCell.Lstm.SIGMOID);

    private static List<Thread> running() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("charlstm-cpu-warm-up")).toList();
    }

    /** Another test may have run it in this process; either way a large network waits until none runs. */
    @Test
    void itRunsOnceAndLargeNetworksWaitForItsEnd() {
        CpuDevice.Provider provider = new CpuDevice.Provider();
        provider.warmUp();
        provider.warmUp();
        assertTrue(running().size() <= 1, running().toString());
        WarmUp.before(new Rnn.Shape(LAYERS, 173, 128, false));
        WarmUp.before(new Rnn.Shape(LAYERS, 173, 128, true));
        assertEquals(List.of(), running());
        provider.warmUp();
        assertEquals(List.of(), running());
    }
}
