package org.charlstm.device.gpu;

import java.util.List;
import java.util.function.Supplier;
import org.charlstm.CharlstmException;
import org.charlstm.device.Activation;
import org.charlstm.device.Device;
import org.charlstm.device.DeviceProvider.Requirement;
import org.charlstm.device.Head;
import org.charlstm.device.Lstm;
import org.charlstm.device.Lstm.InputShape;
import org.charlstm.device.Memory;

/** What runs an LSTM and a head as wide above it on a GPU, found by opening them. */
final class EngineFinding {
    /** The lab's: 173 steps of 128 sequences, 38 symbols, 128 units, in training. */
    static final Lstm.Shape LAB = new Lstm.Shape(new Lstm.Layers(InputShape.ofIds(38), 128, 1), 173, 128, true);

    private EngineFinding() {
    }

    /** Opens the device, which measures what it can choose of, and closes it. */
    static Requirement of(Supplier<Device> opener, Lstm.Shape shape) {
        try (Device device = opener.get(); Memory memory = device.memory()) {
            int units = shape.hidden();
            Head.Shape head = new Head.Shape(units, units, shape.input().columns(), Activation.RELU,
                    List.of(shape.rows()));
            device.operations().lstm(memory, shape, 0, head);
            device.operations().head(memory, head, 0);
            return new Requirement(Requirement.ENGINE, true, String.join("; ", device.choices()));
        } catch (CharlstmException e) {
            return new Requirement(Requirement.ENGINE, false, e.getMessage());
        }
    }
}
