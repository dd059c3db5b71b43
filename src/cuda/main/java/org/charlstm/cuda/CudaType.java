package org.charlstm.cuda;

import java.util.Objects;

/**
 * The types of elements that buffers and matrices have. One of integers is for signed and unsigned ones alike, whose
 * bits are the same: a buffer of {@link #INT32} is passed for {@code int*} and {@code unsigned*}, and the kernel's text
 * says how it reads them. Java's own methods such as {@link Integer#toUnsignedLong} read unsigned ones on the host.
 */
public enum CudaType {
    /** IEEE single precision, {@code float}. */
    FLOAT32("float32", 4, 0, 0),
    /** The upper half of a float32, {@code __nv_bfloat16}; the host sees its bits as a short. */
    BFLOAT16("bf16", 2, 14, 9),
    /** IEEE half precision, {@code __half}; the host sees its bits as a short. */
    FLOAT16("half", 2, 2, 2),
    /** IEEE double precision, {@code double}. */
    FLOAT64("double", 8, 1, 1),
    /** 32-bit integers, {@code int} or {@code unsigned}. */
    INT32("int", 4, 10, 4),
    /** 8-bit integers, {@code char}, {@code signed char} or {@code unsigned char}, and {@code bool} as 0 or 1. */
    INT8("byte", 1, 3, 3),
    /** 16-bit integers, {@code short} or {@code unsigned short}. cuDNN has no such type. */
    INT16("short", 2, 20, -1),
    /** 64-bit integers, {@code long}, {@code long long}, {@code size_t} and their unsigned like. */
    INT64("long", 8, 24, 10);

    private static final int BFLOAT16_SHIFT = 16;

    private final String title;
    private final int bytes;
    private final int cudaCode;
    private final int cudnnCode;

    CudaType(String title, int bytes, int cudaCode, int cudnnCode) {
        this.title = title;
        this.bytes = bytes;
        this.cudaCode = cudaCode;
        this.cudnnCode = cudnnCode;
    }

    /** The type of activations in a precision. */
    public static CudaType ofActivations(Precision precision) {
        return Objects.requireNonNull(precision, "the precision is null") == Precision.BF16 ? BFLOAT16 : FLOAT32;
    }

    /** Bytes of an element. */
    public int bytes() {
        return bytes;
    }

    /** 1 for bfloat16, else 0, as kernels are told. */
    public int bf16() {
        return this == BFLOAT16 ? 1 : 0;
    }

    /** Whether elements are reals of 16 bits, which the host converts. */
    public boolean isHalf() {
        return this == BFLOAT16 || this == FLOAT16;
    }

    /** Whether elements are integers. */
    public boolean isInteger() {
        return this == INT8 || this == INT16 || this == INT32 || this == INT64;
    }

    /** The arrays from which and to which elements are copied, for messages. */
    String arrays() {
        return switch (this) {
            case FLOAT32 -> "floats";
            case BFLOAT16, FLOAT16 -> "floats, or their bits as short[]";
            case FLOAT64, INT8, INT16, INT32, INT64 -> title + "[]";
        };
    }

    /** The number that cudaDataType gives it. */
    public int cudaCode() {
        return cudaCode;
    }

    /** The number that cudnnDataType_t gives it, or -1. */
    public int cudnnCode() {
        return cudnnCode;
    }

    /**
     * The bits of a real of 16 bits, rounded to nearest, ties to even; a NaN stays one.
     *
     * @throws IllegalStateException if this type has more bits
     */
    public short bits(float value) {
        requireHalf();
        if (this == FLOAT16) {
            return Float.floatToFloat16(value);
        }
        int bits = Float.floatToIntBits(value);
        int rounded = Float.isNaN(value) ? bits : bits + 0x7fff + (bits >>> BFLOAT16_SHIFT & 1);
        return (short) (rounded >>> BFLOAT16_SHIFT);
    }

    /**
     * The value of the bits of a real of 16 bits.
     *
     * @throws IllegalStateException if this type has more bits
     */
    public float value(short bits) {
        requireHalf();
        return this == FLOAT16 ? Float.float16ToFloat(bits) : Float.intBitsToFloat(bits << BFLOAT16_SHIFT);
    }

    private void requireHalf() {
        if (!isHalf()) {
            throw new IllegalStateException(this + " has no 16 bits; only bf16 and half are converted");
        }
    }

    /** As messages name it, for example {@code bf16}; integers by Java's names. */
    @Override
    public String toString() {
        return title;
    }
}
