package org.charlstm.rank;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import module java.base;

/** Sums of the ranks' values in the order of the ranks. */
final class OrderedSum {
    private static final VectorSpecies<Float> LANES = FloatVector.SPECIES_PREFERRED;
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();

    /** Adds up parts in float32, beginning with the first and the second; the first is their sum afterwards. */
    static void sum(MemorySegment parts, int part, int count) {
        int i = 0;
        for (; i < LANES.loopBound(part); i += LANES.length()) {
            FloatVector sum = FloatVector.fromMemorySegment(LANES, parts, (long) Float.BYTES * i, ORDER);
            for (int r = 1; r < count; r++) {
                sum = sum.add(FloatVector.fromMemorySegment(LANES, parts, Float.BYTES * ((long) part * r + i), ORDER));
            }
            sum.intoMemorySegment(parts, (long) Float.BYTES * i, ORDER);
        }
        for (; i < part; i++) {
            float sum = parts.getAtIndex(ValueLayout.JAVA_FLOAT, i);
            for (int r = 1; r < count; r++) {
                sum += parts.getAtIndex(ValueLayout.JAVA_FLOAT, (long) part * r + i);
            }
            parts.setAtIndex(ValueLayout.JAVA_FLOAT, i, sum);
        }
    }
}
