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

    /** The type of activations in a precision. */
    public static CudaType ofActivations(Precision precision) {
        return precision == Precision.BF16 ? BFLOAT16 : FLOAT32;
    }

    /** Bytes of an element. */
    public int bytes() {
        return bytes;
    }

    /** 1 for bfloat16, else 0, as kernels are told. */
    public int bf16() {
        return this == BFLOAT16 ? 1 : 0;
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
