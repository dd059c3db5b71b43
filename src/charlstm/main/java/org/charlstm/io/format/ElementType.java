package org.charlstm.io.format;

import module java.base;
import org.jspecify.annotations.Nullable;

/** The floating-point types of safetensors. */
@SuppressWarnings("ImmutableEnumChecker") // The functions have no state.
enum ElementType {
    F64(8, ByteBuffer::getDouble), F32(4, ByteBuffer::getFloat),
    F16(2, bytes -> Float.float16ToFloat(bytes.getShort())),
    BF16(2, bytes -> Float.intBitsToFloat(bytes.getShort() << 16));

    private final int bytes;
    private final ToDoubleFunction<ByteBuffer> value;

    ElementType(int bytes, ToDoubleFunction<ByteBuffer> value) {
        this.bytes = bytes;
        this.value = value;
    }

    int bytes() {
        return bytes;
    }

    double next(ByteBuffer buffer) {
        return value.applyAsDouble(buffer);
    }

    double[] decode(ByteBuffer data) {
        double[] values = new double[data.remaining() / bytes];
        for (int i = 0; i < values.length; i++) {
            values[i] = next(data);
        }
        return values;
    }

    /** The type that a header names; null for any other type. */
    static @Nullable ElementType of(String dtype) {
        for (ElementType type : values()) {
            if (type.name().equals(dtype)) {
                return type;
            }
        }
        return null;
    }
}
