package org.charlstm.device.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.charlstm.device.Activation;
import org.charlstm.device.Device;
import org.charlstm.device.DeviceOptions;
import org.charlstm.device.Devices;
import org.charlstm.device.Ints;
import org.charlstm.device.Matrix;
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

    /** The mean loss of each sequence, and the gradients of all weights. */
    private static double[][] train(String name, int threads) {
        ModelConfig config =
                ModelConfig.of(SYMBOLS, List.of(new RecurrentLayer(5), new DenseLayer(6, Activation.RELU)));
        try (Device device = Devices.open(name, new DeviceOptions(threads));
                Model model = new Model(device, Initializer.keras(config, 1));
                Memory memory = device.memory()) {
            Ints inputs = memory.ints(STEPS * BATCH);
            inputs.write(TrialMemory.randomIds(1, STEPS * BATCH, SYMBOLS));
            Ints targets = memory.ints(STEPS * BATCH);
            targets.write(TrialMemory.randomIds(2, STEPS * BATCH, SYMBOLS));
            Network network = new Network(model, memory, STEPS, BATCH, true);
            Network.Batch batch = new Network.Batch(inputs, targets);
            Matrix gradients = model.flatBuffer(memory);
            network.train(batch, memory.doubles(Operations.TOTALS), gradients);
            return new double[][] {network.losses(batch).orElseThrow(), gradients.read()};
        }
    }

    /** The oracle keeps the gradient of the logits, from which they are read there. */
    @Test
    void theMeanLossOfEachSequenceIsTheOracles() {
        double[] expected = train("reference", 1)[0];
        assertArrayEquals(expected, train("cpu", 1)[0], 1e-5);
        assertTrue(Math.abs(expected[0] - expected[1]) > 1e-3, "they differ from sequence to sequence");
    }

    /** The rows are three shards. */
    @Test
    void theNumberOfThreadsChangesNoBit() {
        double[][] alone = train("cpu", 1);
        for (int threads : new int[] {2, 3}) {
            assertArrayEquals(alone, train("cpu", threads), threads + " threads");
        }
    }
}
