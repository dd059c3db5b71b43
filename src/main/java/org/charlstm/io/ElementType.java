package org.charlstm.io;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** The floating-point types of safetensors. */
enum ElementType {
    F64(8) {
        @Override
        double next(ByteBuffer bytes) {
            return bytes.getDouble();
        }
    },
    F32(4) {
        @Override
        double next(ByteBuffer bytes) {
            return bytes.getFloat();
        }
    },
    F16(2) {
        @Override
        double next(ByteBuffer bytes) {
            return Float.float16ToFloat(bytes.getShort());
        }
    },
    BF16(2) {
        @Override
        double next(ByteBuffer bytes) {
            return Float.intBitsToFloat(bytes.getShort() << 16);
        }
    };

    private final int bytes;

    ElementType(int bytes) {
        this.bytes = bytes;
    }

    abstract double next(ByteBuffer bytes);

    int bytes() {
        return bytes;
    }

    double[] decode(ByteBuffer data) {
        double[] values = new double[data.remaining() / bytes];
        for (int i = 0; i < values.length; i++) {
            values[i] = next(data);
        }
        return values;
    }

    /** The type of a header's word, or null if it is none of these. */
    static @Nullable ElementType of(String dtype) {
        for (ElementType type : values()) {
            if (type.name().equals(dtype)) {
                return type;
            }
        }
        return null;
    }
}
