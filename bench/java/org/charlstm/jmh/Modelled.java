package org.charlstm.jmh;

import org.charlstm.device.Device;
import org.charlstm.device.DeviceOptions;
import org.charlstm.device.Devices;
import org.charlstm.device.Memory;
import org.charlstm.nn.Initializer;
import org.charlstm.nn.Model;
import org.charlstm.nn.Models;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** The CPU device and a model on it, the lab's by default; the middle layer has as many units as the LSTM. */
@State(Scope.Benchmark)
public abstract class Modelled {
    /** V. */
    @Param("38")
    int symbols;
    /** H and D. */
    @Param("128")
    int hidden;
    /** The device's, 0 for one on every processor. */
    @Param("0")
    int threads;

    Device device;
    Memory memory;
    Model model;

    /** Opens the device and makes the model. */
    @Setup(Level.Trial)
    public void open() {
        device = Devices.open("cpu", new DeviceOptions(threads));
        memory = device.memory();
        model = new Model(device, Initializer.keras(Models.of(symbols, hidden, hidden), 1));
    }

    /** Closes them. */
    @TearDown(Level.Trial)
    public void close() {
        memory.close();
        model.close();
        device.close();
    }
}
