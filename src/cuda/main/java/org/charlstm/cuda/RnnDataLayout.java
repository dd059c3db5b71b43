package org.charlstm.cuda;

/** The layout of a recurrent network's sequences in memory, by cudnnRNNDataLayout_t. */
public enum RnnDataLayout {
    /** (T, B, columns), time-major: the first step of all sequences comes first. Ended sequences are padded. */
    BY_STEP(0),
    /**
     * Time-major without padding: each step has only the sequences that have not ended. The longest sequence comes
     * first.
     */
    PACKED(1),
    /** (B, T, columns), batch-major: the padded sequences follow one another. */
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
