package org.charlstm.selftest;

import java.util.function.UnaryOperator;
import org.charlstm.device.Device;
import org.charlstm.device.Device.Lease;
import org.charlstm.device.DeviceOptions;
import org.charlstm.device.Memory;
import org.charlstm.device.Operations;
import org.charlstm.device.cpu.CpuDevice;

/** The CPU device with spoiled operations. */
public class SpoiledDevice implements Device {
    private final Device right = new CpuDevice(new DeviceOptions(2));
    private final Operations operations;

    public SpoiledDevice(UnaryOperator<Operations> spoil) {
        operations = spoil.apply(right.operations());
    }

    @Override
    public String name() {
        return "spoiled";
    }

    @Override
    public String description() {
        return "wrong on purpose";
    }

    @Override
    public Lease lease() {
        return right.lease();
    }

    @Override
    public Memory memory() {
        return right.memory();
    }

    @Override
    public Operations operations() {
        return operations;
    }

    @Override
    public void close() {
        right.close();
    }
}
