package org.charlstm.device.gpu;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.charlstm.cuda.CudaBuffer;
import org.charlstm.device.Doubles;
import org.charlstm.device.host.Shapes;

/** Reals of 64 bits in device memory. */
public record GpuDoubles(int length, CudaBuffer buffer) implements Doubles {
    /** The device pointer of a vector that has to have this length. */
    public static long pointer(Doubles doubles, int length) {
        Shapes.require(doubles.length() == length, "a vector of %d where %d belong", doubles.length(), length);
        return ((GpuDoubles) doubles).buffer.pointer();
    }

    @Override
    public void write(double[] values) {
        Shapes.require(values.length == length, "%d values for a vector of %d", values.length, length);
        try (Arena arena = Arena.ofConfined()) {
            buffer.write(arena.allocateFrom(JAVA_DOUBLE, values));
        }
    }

    @Override
    public double[] read() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment host = arena.allocate(JAVA_DOUBLE, length);
            buffer.read(host);
            return host.toArray(JAVA_DOUBLE);
        }
    }
}
