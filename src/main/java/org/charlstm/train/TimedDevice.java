package org.charlstm.train;

import org.charlstm.device.Device;
import org.charlstm.device.Memory;
import org.charlstm.device.Operations;

/** A device that computes on another, operation by operation, each timed: nothing is recorded. */
final class TimedDevice implements Device {
    private final Device device;
    private final Memory memory;
    private final TimedOperations operations;

    TimedDevice(Device device) {
        this.device = device;
        memory = device.memory();
        operations = new TimedOperations(device, memory);
    }

    @Override
    public String name() {
        return device.name();
    }

    @Override
    public String description() {
        return device.description();
    }

    @Override
    public Memory memory() {
        return device.memory();
    }

    @Override
    public Operations operations() {
        return operations;
    }

    TimedOperations timed() {
        return operations;
    }

    /** Frees what the timing took; the device itself goes on. */
    @Override
    public void close() {
        memory.close();
    }
}
