package org.charlstm.cuda;

import java.util.Locale;

/** cuDNN's algorithms for recurrent networks, by cudnnRNNAlgo_t. */
public enum RnnAlgorithm {
    /** A sequence of products and point-wise steps. */
    STANDARD(0),
    /** A persistent kernel for many steps, which keeps the recurrent weights on the chip. */
    PERSIST_STATIC(1),
    /** A persistent kernel compiled at run time for one batch size. */
    PERSIST_DYNAMIC(2),
    /** A persistent kernel for few units. */
    PERSIST_STATIC_SMALL_H(3);

    private final int code;

    RnnAlgorithm(int code) {
        this.code = code;
    }

    /** cuDNN's number. */
    public int code() {
        return code;
    }

    /** The user's name of the algorithm, for example {@code persist-static}. */
    public String title() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
