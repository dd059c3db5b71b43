package org.charlstm.rank;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** Sums in the order of the ranks. */
final class RankOrder {
    private static final VectorSpecies<Float> LANES = FloatVector.SPECIES_PREFERRED;
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();

    private RankOrder() {
    }

    /**
     * Adds parts up, the first and the second first, in float32.
     *
     * @param parts of so many elements each, one after the other; the first is their sum afterwards
     */
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
