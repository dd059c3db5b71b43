package org.charlstm.device.host;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import org.charlstm.device.Ints;

/** Integers in a Java array, which is not copied, for devices in host memory. */
public record HostInts(int[] values) implements Ints {
    @Override
    public int length() {
        return values.length;
    }

    @Override
    public void write(int[] from) {
        Shapes.require(from.length == values.length, "%d values for a vector of %d", from.length, values.length);
        System.arraycopy(from, 0, values, 0, values.length);
    }

    @Override
    public void write(MemorySegment from) {
        Shapes.vector(from, values.length, Integer.BYTES);
        MemorySegment.copy(from, JAVA_INT_UNALIGNED, 0, values, 0, values.length);
    }

    @Override
    public int[] read() {
        return values.clone();
    }

    @Override
    public void read(MemorySegment into) {
        Shapes.vector(into, values.length, Integer.BYTES);
        MemorySegment.copy(values, 0, into, JAVA_INT_UNALIGNED, 0, values.length);
    }

    public static int[] of(Ints buffer) {
        return ((HostInts) buffer).values;
    }
}
