package org.charlstm.cuda;

import java.util.Locale;

/** cuDNN's ways to run a recurrent network, as cudnnRNNAlgo_t has them. */
public enum RnnAlgorithm {
    /** A sequence of products and point-wise steps. */
    STANDARD(0),
    /** One kernel for many steps, the recurrent weights kept on the chip. */
    PERSIST_STATIC(1),
    /** The same, compiled at run time for one batch size. */
    PERSIST_DYNAMIC(2),
    /** The same for few units. */
    PERSIST_STATIC_SMALL_H(3);

    private final int code;

    RnnAlgorithm(int code) {
        this.code = code;
    }

    /** cuDNN's number. */
    public int code() {
        return code;
    }

    /** The name that users give, for example {@code persist-static}. */
    public String title() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
