package org.charlstm.device.gpu;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.charlstm.cuda.CudaBuffer;
import org.charlstm.device.Ints;
import org.charlstm.device.host.Shapes;

/** Integers in device memory. */
public record GpuInts(int length, CudaBuffer buffer) implements Ints {
    /** The device pointer of a vector. */
    public static long pointer(Ints ints) {
        return ((GpuInts) ints).buffer.pointer();
    }

    @Override
    public void write(int[] values) {
        Shapes.require(values.length == length, "%d values for a vector of %d", values.length, length);
        try (Arena arena = Arena.ofConfined()) {
            buffer.write(arena.allocateFrom(JAVA_INT, values));
        }
    }

    @Override
    public int[] read() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment host = arena.allocate(JAVA_INT, length);
            buffer.read(host);
            return host.toArray(JAVA_INT);
        }
    }
}
