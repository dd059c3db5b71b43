package org.charlstm.cuda;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** How exactly a GPU computes. */
public enum Precision {
    /** Exact float32. */
    FLOAT32,
    /** Float32 whose products round their factors to TF32, 10 bits behind the point, on tensor cores. */
    TF32,
    /** Activations and products in bfloat16 with float32 sums; parameters and optimiser in float32. */
    BF16;

    /**
     * The name that users give.
     *
     * @return for example {@code bf16}
     */
    public String title() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * All names that users may give.
     *
     * @return in order of exactness
     */
    public static List<String> titles() {
        return Arrays.stream(values()).map(Precision::title).toList();
    }

    /**
     * The precision of a name.
     *
     * @param title for example {@code bf16}
     * @throws IllegalArgumentException if none has that name
     */
    public static Precision of(String title) {
        return Arrays.stream(values()).filter(precision -> precision.title().equals(title)).findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no precision is called '" + title + "'; there are "
                        + String.join(", ", titles())));
    }
}
