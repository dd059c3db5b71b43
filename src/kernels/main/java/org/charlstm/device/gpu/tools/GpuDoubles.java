package org.charlstm.device.gpu.tools;

import java.lang.foreign.MemorySegment;
import org.charlstm.cuda.CudaBuffer;
import org.charlstm.device.Doubles;
import org.charlstm.device.host.Shapes;

/** Float64 values in device memory. */
public record GpuDoubles(int length, CudaBuffer buffer) implements Doubles {
    /** The device pointer of a vector that must have this length. */
    public static long pointer(Doubles doubles, int length) {
        Shapes.require(doubles.length() == length, "a vector of %d where %d belong", doubles.length(), length);
        return ((GpuDoubles) doubles).buffer.pointer();
    }

    @Override
    public void write(double[] values) {
        Shapes.require(values.length == length, "%d values for a vector of %d", values.length, length);
        buffer.write(values);
    }

    @Override
    public void write(MemorySegment values) {
        Shapes.vector(values, length, Double.BYTES);
        buffer.write(values);
    }

    @Override
    public void read(MemorySegment into) {
        Shapes.vector(into, length, Double.BYTES);
        buffer.read(Shapes.writable(into));
    }

    @Override
    public double[] read() {
        double[] values = new double[length];
        buffer.read(values);
        return values;
    }
}
