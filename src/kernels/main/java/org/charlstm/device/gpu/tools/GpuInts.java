package org.charlstm.device.gpu.tools;

import java.lang.foreign.MemorySegment;
import org.charlstm.cuda.CudaBuffer;
import org.charlstm.device.Ints;
import org.charlstm.device.host.Shapes;

/** Integers in device memory. */
public record GpuInts(int length, CudaBuffer buffer) implements Ints {
    public static long pointer(Ints ints) {
        return ((GpuInts) ints).buffer.pointer();
    }

    @Override
    public void write(int[] values) {
        Shapes.require(values.length == length, "%d values for a vector of %d", values.length, length);
        buffer.write(values);
    }

    @Override
    public void write(MemorySegment values) {
        Shapes.vector(values, length, Integer.BYTES);
        buffer.write(values);
    }

    @Override
    public void read(MemorySegment into) {
        Shapes.vector(into, length, Integer.BYTES);
        buffer.read(Shapes.writable(into));
    }

    @Override
    public int[] read() {
        int[] values = new int[length];
        buffer.read(values);
        return values;
    }
}
