package org.charlstm.cuda;

/**
 * A function applied to each element of a product's result before the result is written. A bias, one element per
 * column, is added first.
 */
public enum Epilogue {
    /** The result unchanged. */
    NONE(1, false),
    /** x + bias. */
    BIAS(4, true),
    /** max(0, x). */
    RELU(2, false),
    /** max(0, x + bias). */
    RELU_BIAS(6, true),
    /** GELU of x, by the approximation with tanh. */
    GELU(32, false),
    /** GELU of x + bias, by the approximation with tanh. */
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
