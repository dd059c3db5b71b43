package org.charlstm.device.gpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.charlstm.device.DeviceProvider.Requirement;
import org.charlstm.device.Rnn;
import org.charlstm.device.Rnn.InputShape;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.junit.jupiter.api.Test;

/** The lines of doctor about the engines. */
@Needs(Need.SIMULATED_GPU)
class GpuFindingsTest {
    private static Requirement of(String engine, int units) {
        Gpu.open().close();
        return GpuFindings.engine(() -> Gpu.device(Gpu.running(engine), SmallTraining::hurried),
                new Rnn.Shape(new Rnn.Layers(InputShape.ofIds(5), units, 1), 4, 3, true));
    }

    @Test
    void namesTheEngineAndWhatTheOthersTook() {
        Requirement found = of("auto", 6);
        assertTrue(found.present());
        assertTrue(found.text().matches("LSTM 4 x 3, 6 units: (cudnn [a-z -]+|fused) "
                + "\\(cudnn standard [0-9.]+ ms.*, "
                + ".*fused [0-9.]+ ms( with the head)?\\); head 6 x 6 x 5 on 12 rows: (layers|one launch) "
                + "\\(layers [0-9.]+ ms, one launch [0-9.]+ ms\\)"), found.text());
        assertEquals(
                new Requirement("engine", true, "LSTM 4 x 3, 6 units: fused; head 6 x 6 x 5 on 12 rows: one launch"),
                of("fused", 6));
    }

    @Test
    void saysWhyThereIsNone() {
        assertEquals(new Requirement("engine", false, "fused runs at most 128 units, not 129; auto does without it"),
                of("fused", 129));
    }
}
