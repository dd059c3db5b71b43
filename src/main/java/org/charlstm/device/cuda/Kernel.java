package org.charlstm.device.cuda;

import java.util.Locale;

/**
 * The kernels and what they take: each is {@code kernels/<name>.cu}, which documents it. A test holds this list to what
 * nvcc compiles.
 */
enum Kernel {
    ADD("pii"),
    APPEND("pppi"),
    BIAS_BACKWARD("pppiiiii"),
    BIAS_FORWARD("ppiiii"),
    BIAS_SUM("ppii"),
    CLIP("ppdi"),
    CONVERT("ppii"),
    CROSS_ENTROPY("ppppiifi"),
    DRAW("pdlpppiii"),
    GATHER("pppppii"),
    L2_NORM("ppi"),
    LSTM_BACKWARD("pppppppiii"),
    LSTM_FORWARD("ppppppppiii"),
    ONE_HOT("ppili"),
    RMS_PROP("ppppffi"),
    TOTALS("ppi");

    private final String kinds;

    Kernel(String kinds) {
        this.kinds = kinds;
    }

    /** The entry's name, which is also its file's. */
    String entry() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Its parameters, a letter each: p a pointer, l 64 bits, i 32 bits, f a float, d a double. */
    String kinds() {
        return kinds;
    }
}
