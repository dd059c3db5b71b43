package org.charlstm.device.cuda.binding;

/** Which biases a recurrent network has, as cudnnRNNBiasMode_t has them. */
public enum RnnBias {
    /** One, as Keras has it. */
    SINGLE_INPUT(1),
    /** One for the input and one for the recurrence, as PyTorch has them. */
    DOUBLE(2);

    private final int code;

    RnnBias(int code) {
        this.code = code;
    }

    /**
     * cuDNN's number.
     *
     * @return as in cudnnRNNBiasMode_t
     */
    public int code() {
        return code;
    }
}
