package org.charlstm.cuda;

/**
 * Done to each element of a product's result before it is written: a bias is added, which has an element for each
 * column, and then a function is applied.
 */
public enum Epilogue {
    /** Nothing. */
    NONE(1, false),
    /** x + bias. */
    BIAS(4, true),
    /** max(0, x). */
    RELU(2, false),
    /** max(0, x + bias). */
    RELU_BIAS(6, true),
    /** x times the normal distribution's share below x, by the approximation with tanh. */
    GELU(32, false),
    /** The same of x + bias. */
    GELU_BIAS(36, true);

    private final int code;
    private final boolean biased;

    Epilogue(int code, boolean biased) {
        this.code = code;
        this.biased = biased;
    }

    /** cuBLASLt's number. */
    public int code() {
        return code;
    }

    /** Whether there is a bias. */
    public boolean hasBias() {
        return biased;
    }
}
