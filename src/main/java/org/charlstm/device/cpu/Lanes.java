package org.charlstm.device.cpu;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** The vector width of this machine and what follows from it. */
final class Lanes {
    static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
    /** Floats in a vector. */
    static final int COUNT = SPECIES.length();
    /** Columns of a panel: the two vectors that the GEMM's inner loop works on. Rows are padded to it. */
    static final int PANEL = 2 * COUNT;

    /** Below this a value is as good as zero; its products would be denormals, which are over 100 times slower. */
    private static final float TINY = 1e-30f;

    private Lanes() {
    }

    static int padded(int columns) {
        return Math.ceilDiv(columns, PANEL) * PANEL;
    }

    static FloatVector load(float[] array, int at) {
        return FloatVector.fromArray(SPECIES, array, at);
    }

    static FloatVector all(float value) {
        return FloatVector.broadcast(SPECIES, value);
    }

    /** Java cannot ask the processor to flush denormals to zero, so the code does it. NaN stays NaN. */
    static FloatVector flushed(FloatVector x) {
        return x.blend(0f, x.lanewise(VectorOperators.ABS).compare(VectorOperators.LT, TINY));
    }
}
