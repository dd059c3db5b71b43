package org.charlstm.cuda;

import java.util.Objects;

/**
 * The element types of buffers and matrices. An integer type serves signed and unsigned elements: a buffer of
 * {@link #INT32} is passed for {@code int*} and {@code unsigned*}, and the kernel interprets the bits. On the host,
 * Java's own methods such as {@link Integer#toUnsignedLong} read unsigned elements.
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
    /** 64-bit integers, {@code long}, {@code long long}, their unsigned forms, and {@code size_t}. */
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

    /** 1 for bfloat16, else 0: a kernel's argument. */
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

    /** The Java arrays that elements are copied from and to, for messages. */
    String arrays() {
        return switch (this) {
            case FLOAT32 -> "floats";
            case BFLOAT16, FLOAT16 -> "floats, or their bits as short[]";
            case FLOAT64, INT8, INT16, INT32, INT64 -> title + "[]";
        };
    }

    /** The type's number in cudaDataType. */
    public int cudaCode() {
        return cudaCode;
    }

    /** The type's number in cudnnDataType_t, or -1. */
    public int cudnnCode() {
        return cudnnCode;
    }

    /**
     * The bits of a float rounded to this 16-bit type, to nearest, ties to even; a NaN stays a NaN.
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
     * The value of a real of this 16-bit type, given its bits.
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

    /** The name in messages, for example {@code bf16}; integers have Java's names. */
    @Override
    public String toString() {
        return title;
    }
}
