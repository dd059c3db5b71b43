package org.charlstm.cli.options;

import java.util.function.Function;
import org.charlstm.device.Device;
import org.charlstm.io.SavedModel;
import org.charlstm.nn.Model;
import picocli.CommandLine.Mixin;

/** A command that computes on a device. */
public abstract class DeviceCommand extends Subcommand {
    @Mixin
    protected DeviceOption device;

    /** Opens the device and the model, applies a function, and closes both. */
    protected <T> T compute(SavedModel saved, Function<Model, T> use) {
        try (Device opened = device.open(console()); Model model = new Model(opened, saved.weights())) {
            return use.apply(model);
        }
    }
}
