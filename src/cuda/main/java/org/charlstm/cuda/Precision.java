package org.charlstm.cuda;

import module java.base;

/** The precision of a GPU's computations. */
public enum Precision {
    /** Exact float32. */
    FLOAT32,
    /** Float32, with products on tensor cores that round factors to TF32, with 10 bits of mantissa. */
    TF32,
    /** Inputs, outputs and factors of products in bfloat16; sums and master weights in float32. */
    BF16;

    /** The user's name of the precision, for example {@code bf16}. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * The precision of a name.
     *
     * @throws IllegalArgumentException if there is no such precision
     */
    public static Precision of(String name) {
        return Arrays.stream(values()).filter(precision -> precision.toString().equals(name)).findFirst().orElseThrow(
                () -> new IllegalArgumentException("no precision is called '" + name + "'; there are "
                        + Arrays.toString(values())));
    }
}
