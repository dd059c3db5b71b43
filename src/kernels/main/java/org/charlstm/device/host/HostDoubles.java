package org.charlstm.device.host;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE_UNALIGNED;

import java.lang.foreign.MemorySegment;
import org.charlstm.device.Doubles;

/** Reals in a Java array, which is not copied, for devices in host memory. */
public record HostDoubles(double[] values) implements Doubles {
    @Override
    public int length() {
        return values.length;
    }

    @Override
    public void write(double[] from) {
        Shapes.require(from.length == values.length, "%d values for a vector of %d", from.length, values.length);
        System.arraycopy(from, 0, values, 0, values.length);
    }

    @Override
    public void write(MemorySegment from) {
        Shapes.vector(from, values.length, Double.BYTES);
        MemorySegment.copy(from, JAVA_DOUBLE_UNALIGNED, 0, values, 0, values.length);
    }

    @Override
    public double[] read() {
        return values.clone();
    }

    @Override
    public void read(MemorySegment into) {
        Shapes.vector(into, values.length, Double.BYTES);
        MemorySegment.copy(values, 0, into, JAVA_DOUBLE_UNALIGNED, 0, values.length);
    }

    public static double[] of(Doubles buffer) {
        return ((HostDoubles) buffer).values;
    }
}
