package org.charlstm.device.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.charlstm.device.Activation;
import org.charlstm.device.Device;
import org.charlstm.device.Devices;
import org.charlstm.device.Ints;
import org.charlstm.device.Memory;
import org.charlstm.device.Operations;
import org.charlstm.nn.DenseLayer;
import org.charlstm.nn.Initializer;
import org.charlstm.nn.Model;
import org.charlstm.nn.ModelConfig;
import org.charlstm.nn.Network;
import org.charlstm.nn.RecurrentLayer;
import org.charlstm.selftest.TrialMemory;
import org.junit.jupiter.api.Test;

class CpuHeadTest {
    private static final int STEPS = 9;
    private static final int BATCH = 21;
    private static final int SYMBOLS = 7;

    private static double[] losses(String name) {
        ModelConfig config =
                ModelConfig.of(SYMBOLS, List.of(new RecurrentLayer(5), new DenseLayer(6, Activation.RELU)));
        try (Device device = Devices.open(name);
                Model model = new Model(device, Initializer.keras(config, 1));
                Memory memory = device.memory()) {
            Ints inputs = memory.ints(STEPS * BATCH);
            inputs.write(TrialMemory.randomIds(1, STEPS * BATCH, SYMBOLS));
            Ints targets = memory.ints(STEPS * BATCH);
            targets.write(TrialMemory.randomIds(2, STEPS * BATCH, SYMBOLS));
            Network network = new Network(model, memory, STEPS, BATCH, true);
            Network.Batch batch = new Network.Batch(inputs, targets);
            network.train(batch, memory.doubles(Operations.TOTALS), model.flatBuffer(memory));
            return network.losses(batch).orElseThrow();
        }
    }

    /** The oracle keeps the gradient of the logits, from which they are read there. */
    @Test
    void theMeanLossOfEachSequenceIsTheOracles() {
        double[] expected = losses("reference");
        assertArrayEquals(expected, losses("cpu"), 1e-5);
        assertTrue(Math.abs(expected[0] - expected[1]) > 1e-3, "they differ from sequence to sequence");
    }
}
