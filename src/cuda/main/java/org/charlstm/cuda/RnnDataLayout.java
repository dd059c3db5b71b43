package org.charlstm.cuda;

/** How the sequences of a recurrent network lie in memory, as cudnnRNNDataLayout_t has it. */
public enum RnnDataLayout {
    /** (T, B, columns): all first steps come first. A sequence that has ended leaves its place to padding. */
    BY_STEP(0),
    /** The same without padding: at each step, those sequences that have it. The longest comes first. */
    PACKED(1),
    /** (B, T, columns): the first sequence comes first, each with its padding. */
    BY_SEQUENCE(2);

    private final int code;

    RnnDataLayout(int code) {
        this.code = code;
    }

    /** cuDNN's number. */
    public int code() {
        return code;
    }
}
