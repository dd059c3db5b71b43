package org.charlstm.cli;

import java.util.function.Function;
import org.charlstm.device.Device;
import org.charlstm.io.SavedModel;
import org.charlstm.nn.Model;
import picocli.CommandLine.Mixin;

/** A command that computes on a device. */
abstract class DeviceCommand extends Subcommand {
    @Mixin
    DeviceOption device;

    /** Opens the device and the model, applies a function and closes both. */
    <T> T compute(SavedModel saved, Function<Model, T> use) {
        try (Device opened = device.open(console()); Model model = new Model(opened, saved.weights())) {
            return use.apply(model);
        }
    }
}
