package org.charlstm.device.cpu.tools;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** The vector width of this machine and the sizes that depend on it. */
public final class Lanes {
    /** The machine's preferred vectors, but at least four lanes, which the GEMM's tiles need. */
    public static final VectorSpecies<Float> SPECIES =
            FloatVector.SPECIES_PREFERRED.length() < 4 ? FloatVector.SPECIES_128 : FloatVector.SPECIES_PREFERRED;
    /** Floats in a vector. */
    public static final int COUNT = SPECIES.length();
    /** Vector registers: x86 has 32 with AVX-512 and 16 without; other processors have 32. */
    public static final int REGISTERS = COUNT < 16 && System.getProperty("os.arch").matches("amd64|x86_64") ? 16 : 32;
    /** Columns of a panel: the two vectors that the GEMM's inner loop works on. Rows are padded to it. */
    public static final int PANEL = 2 * COUNT;

    /**
     * The index of the first element in every array. The element lies 64 bytes after the start of the object, 16 of
     * them the array's header, so no vector crosses a cache line if objects begin on cache lines
     * (-XX:ObjectAlignmentInBytes=64, as in the launcher).
     */
    public static final int ORIGIN = 12;

    /** Adding and subtracting this number rounds to a multiple of 8e-28 and leaves far larger values unchanged. */
    public static final float COARSE = 1e-20f;

    /** The number of columns after padding to whole panels. */
    public static int padded(int columns) {
        return Math.ceilDiv(columns, PANEL) * PANEL;
    }

    /** Loads a vector from index {@code at} of an array on. */
    public static FloatVector load(float[] array, int at) {
        return FloatVector.fromArray(SPECIES, array, at);
    }

    /** A vector with a value in all lanes. */
    public static FloatVector all(float value) {
        return FloatVector.broadcast(SPECIES, value);
    }

    /**
     * Rounds values near zero to zero, because their products would be denormals, which are over 100 times slower: Java
     * cannot make the processor flush denormals. NaN stays NaN. Callers make {@link #coarse} outside of the loop: each
     * broadcast counts toward the compiler's limit of nodes per method, beyond which vectors go to the heap.
     */
    public static FloatVector flushed(FloatVector x, FloatVector coarse) {
        return x.add(coarse).sub(coarse);
    }

    /** The number that {@link #flushed} adds and subtracts. */
    public static FloatVector coarse() {
        return all(COARSE);
    }
}
