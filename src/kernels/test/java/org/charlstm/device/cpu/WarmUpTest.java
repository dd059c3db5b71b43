package org.charlstm.device.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.charlstm.device.Activation;
import org.charlstm.device.RecurrentCell;
import org.charlstm.device.Rnn;
import org.charlstm.device.Rnn.InputShape;
import org.junit.jupiter.api.Test;

class WarmUpTest {
    private static Rnn.Shape shape(RecurrentCell cell, boolean training) {
        return new Rnn.Shape(new Rnn.Layers(InputShape.ofIds(5), 128, 1, cell), 173, 128, training);
    }

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
        WarmUp.before(shape(RecurrentCell.Lstm.SIGMOID, false));
        WarmUp.before(shape(RecurrentCell.Lstm.SIGMOID, true));
        assertEquals(List.of(), running());
        provider.warmUp();
        assertEquals(List.of(), running());
    }

    @Test
    void anotherCellIsWarmBeforeItsFirstLargeNetwork() {
        RecurrentCell elman = new RecurrentCell.Elman(Activation.RELU);
        WarmUp.before(shape(elman, true));
        assertFalse(WarmUp.warm(elman));
    }
}
