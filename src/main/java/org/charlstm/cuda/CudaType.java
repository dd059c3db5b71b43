package org.charlstm.cuda;

/** The types of elements that matrices have. */
public enum CudaType {
    /** IEEE single precision. */
    FLOAT32(4, 0, 0),
    /** The upper half of a float32. */
    BFLOAT16(2, 14, 9);

    private final int bytes;
    private final int cudaCode;
    private final int cudnnCode;

    CudaType(int bytes, int cudaCode, int cudnnCode) {
        this.bytes = bytes;
        this.cudaCode = cudaCode;
        this.cudnnCode = cudnnCode;
    }

    /**
     * The type of activations.
     *
     * @param precision how exactly the GPU computes
     * @return bfloat16 if it is that, else float32
     */
    public static CudaType ofActivations(Precision precision) {
        return precision == Precision.BF16 ? BFLOAT16 : FLOAT32;
    }

    /**
     * The size of an element.
     *
     * @return bytes
     */
    public int bytes() {
        return bytes;
    }

    /** cuBLAS' number for it. */
    public int cudaCode() {
        return cudaCode;
    }

    /** cuDNN's number for it. */
    public int cudnnCode() {
        return cudnnCode;
    }
}
