package org.charlstm.random;

/** The purposes of random numbers. Their codes never change, because runs must be reproducible. */
public enum Purpose {
    /** Initial weights; the index is the number of the tensor in the model. */
    WEIGHTS(1),
    /** The order of the captions; the index is the epoch. */
    SHUFFLE(2),
    /** The symbols of a sampled sentence; the index is the sentence, the step is the position of the symbol. */
    SAMPLE(3),
    /** The built-in captions; the index is the caption. */
    CAPTIONS(4),
    /** The elements that a dropout layer keeps; the index is layer and batch, the step is a block of 8 elements. */
    DROPOUT(5),
    /** The order of batches when captions are sorted by length; the index is the epoch. */
    BATCHES(6);

    private final int code;

    Purpose(int code) {
        this.code = code;
    }

    /** The word of the counter that differs between purposes. */
    public int code() {
        return code;
    }
}
