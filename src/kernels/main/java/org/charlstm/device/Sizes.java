package org.charlstm.device;

import java.util.Arrays;

/** The check of sizes that all shapes share. */
final class Sizes {
    /** Refuses sizes below 1; the format names the computation and its sizes. */
    static void require(String format, int... sizes) {
        if (Arrays.stream(sizes).anyMatch(size -> size < 1)) {
            throw new IllegalArgumentException(
                    String.format(format, Arrays.stream(sizes).boxed().toArray()) + ": each must be at least 1");
        }
    }
}
