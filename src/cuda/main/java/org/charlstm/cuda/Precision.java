package org.charlstm.cuda;

import module java.base;

/** How exactly a GPU computes. */
public enum Precision {
    /** Exact float32. */
    FLOAT32,
    /** Float32 whose products round their factors to TF32, 10 bits behind the point, on tensor cores. */
    TF32,
    /** Inputs, outputs and products in bfloat16; sums, and what is kept, in float32. */
    BF16;

    /** The name that users give, for example {@code bf16}. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * The precision of a name.
     *
     * @throws IllegalArgumentException if none has that name
     */
    public static Precision of(String name) {
        return Arrays.stream(values()).filter(precision -> precision.toString().equals(name)).findFirst().orElseThrow(
                () -> new IllegalArgumentException("no precision is called '" + name + "'; there are "
                        + Arrays.toString(values())));
    }
}
