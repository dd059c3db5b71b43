package org.charlstm.device;

import static org.charlstm.selftest.TrialMemory.random;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.stream.Stream;
import org.charlstm.device.UpdateRule.Adam;
import org.charlstm.device.UpdateRule.RmsProp;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The beginnings of a program's own model: weights in one buffer, buffers with values, factors of many updates. */
class FlatWeightsTest {
    static Stream<String> devices() {
        return Stream.concat(Stream.of("reference"), TestDevices.all());
    }

    @ParameterizedTest
    @MethodSource("devices")
    void eachLayerFindsItsOwn(String name) {
        try (Device device = TestDevices.open(name); Memory memory = device.memory()) {
            Operations operations = device.operations();
            WeightLayout table = operations.embeddingLayout(5, 3);
            Rnn.Layers layers = new Rnn.Layers(Rnn.InputShape.ofMatrix(3), 7, 1);
            WeightLayout recurrent = operations.rnnLayout(layers);
            WeightLayout dense = operations.denseLayout(7, 5);
            double[][][] tensors = {{random(1, 15, 1)}, {random(2, 84, 1), random(3, 196, 1), random(4, 28, 1)},
                {random(5, 35, 1), random(6, 5, 1)}};
            FlatWeights first = new FlatWeights();
            double[] given = tensors[0][0].clone();
            assertEquals(0, first.add(table, given));
            // It has copied them.
            given[0] = 9;
            int lstm = first.add(recurrent, tensors[1]);
            assertEquals(table.size(), lstm);
            int top = first.add(dense, tensors[2]);
            assertEquals(table.size() + recurrent.size() + dense.size(), first.size());
            Matrix weights = first.in(memory);
            assertEquals(1, weights.rows());
            assertEquals(first.size(), weights.columns());
            double[] read = weights.read();
            assertArrayEquals(tensors[0], table.unpack(read, 0));
            assertArrayEquals(tensors[1], recurrent.unpack(read, lstm));
            assertArrayEquals(tensors[2], dense.unpack(read, top));

            Matrix x = memory.matrix(2, 7, new float[] {1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0});
            Matrix y = memory.matrix(2, 5);
            operations.dense(memory, new Dense.Shape(7, 5, 2, Activation.LINEAR), top).forward(weights, x, y);
            double[] sums = y.read();
            for (int i = 0; i < 10; i++) {
                assertEquals(tensors[2][0][i] + tensors[2][1][i % 5], sums[i], 1e-6);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("devices")
    void otherTensorsAreRefused(String name) {
        try (Device device = TestDevices.open(name); Memory memory = device.memory()) {
            FlatWeights first = new FlatWeights();
            WeightLayout dense = device.operations().denseLayout(2, 3);
            for (double[][] wrong : new double[][][] {{new double[6]}, {new double[6], new double[4]},
                {new double[7], new double[3]}, {new double[6], new double[3], new double[1]}}) {
                assertThrows(IllegalArgumentException.class, () -> first.add(dense, wrong));
            }
            assertEquals("tensors of [6] elements for a layer whose tensors have [6, 3]",
                    assertThrows(IllegalArgumentException.class, () -> first.add(dense, new double[6])).getMessage());
            assertEquals(0, first.size());
            assertThrows(IllegalArgumentException.class, () -> first.in(memory));
        }
    }

    @ParameterizedTest
    @MethodSource("devices")
    void buffersBeginWithValues(String name) {
        try (Device device = TestDevices.open(name); Memory memory = device.memory()) {
            assertArrayEquals(new int[] {3, 1}, memory.ints(new int[] {3, 1}).read());
            assertArrayEquals(new double[] {0.1, 1}, memory.doubles(new double[] {0.1, 1}).read());
            assertArrayEquals(new float[] {1, 2, 3, 4, 5, 6},
                    memory.matrix(3, 2, new float[] {1, 2, 3, 4, 5, 6}).readFloats());
            assertThrows(IllegalArgumentException.class, () -> memory.matrix(3, 2, new float[5]));
        }
    }

    @Test
    void factorsOfManyUpdatesFollowOneAnother() {
        double[] factors = Adam.KERAS.factors(0.01, 5, 3);
        assertEquals(9, factors.length);
        for (int i = 0; i < 3; i++) {
            double[] each = Adam.KERAS.factors(0.01, 5 + i);
            for (int j = 0; j < 3; j++) {
                assertEquals(each[j], factors[3 * i + j]);
            }
        }
        assertArrayEquals(new double[] {0.5, 0.5}, RmsProp.KERAS.factors(0.5, 1, 2));
        assertThrows(IllegalArgumentException.class, () -> RmsProp.KERAS.factors(0.5, 1, 0));
    }

    @Test
    void aDeviceOpensByItsNameAlone() {
        try (Device device = Devices.open("reference")) {
            assertEquals("reference", device.name());
        }
    }
}
