package org.charlstm.device.cpu.tools;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** The vector width of this machine and what follows from it. */
public final class Lanes {
    /** At least four lanes, also where the machine prefers fewer: the GEMM's tiles are made of them. */
    public static final VectorSpecies<Float> SPECIES =
            FloatVector.SPECIES_PREFERRED.length() < 4 ? FloatVector.SPECIES_128 : FloatVector.SPECIES_PREFERRED;
    /** Floats in a vector. */
    public static final int COUNT = SPECIES.length();
    /** Vector registers: x86 has 32 with AVX-512 and 16 without, others have 32. */
    public static final int REGISTERS = COUNT < 16 && System.getProperty("os.arch").matches("amd64|x86_64") ? 16 : 32;
    /** Columns of a panel: the two vectors that the GEMM's inner loop works on. Rows are padded to it. */
    public static final int PANEL = 2 * COUNT;

    /**
     * Where the first element lies in every array: behind the 16 bytes of an array's header it makes 64, so that no
     * vector crosses a cache line if objects begin on one (-XX:ObjectAlignmentInBytes=64, as the launcher has it).
     */
    public static final int ORIGIN = 12;

    /** Adding and subtracting it rounds to a multiple of 8e-28 and leaves what is far larger as it is. */
    public static final float COARSE = 1e-20f;

    /** Columns with those that pad them to whole panels. */
    public static int padded(int columns) {
        return Math.ceilDiv(columns, PANEL) * PANEL;
    }

    /** A vector from an element of an array on. */
    public static FloatVector load(float[] array, int at) {
        return FloatVector.fromArray(SPECIES, array, at);
    }

    /** A vector of one value. */
    public static FloatVector all(float value) {
        return FloatVector.broadcast(SPECIES, value);
    }

    /**
     * Values that are as good as zero made zero, for their products would be denormals, which are over 100 times
     * slower: Java cannot ask the processor to flush denormals. NaN stays NaN. {@link #coarse} is made outside of the
     * loop: each broadcast costs some of the nodes that the compiler allows a method, beyond which it puts vectors on
     * the heap.
     */
    public static FloatVector flushed(FloatVector x, FloatVector coarse) {
        return x.add(coarse).sub(coarse);
    }

    /** The number that {@link #flushed} adds and subtracts. */
    public static FloatVector coarse() {
        return all(COARSE);
    }
}
