package org.charlstm.io;

import static java.nio.charset.StandardCharsets.UTF_8;

import module java.base;

/** Safetensors files put together by hand, right or wrong. */
public final class RawFile {
    private RawFile() {
    }

    /** A file whose declared header length is the header's. */
    public static byte[] of(String header, byte... data) {
        return of(header.getBytes(UTF_8).length, header, data);
    }

    public static byte[] of(long declaredLength, String header, byte... data) {
        return of(declaredLength, header.getBytes(UTF_8), data);
    }

    public static byte[] of(long declaredLength, byte[] header, byte... data) {
        return ByteBuffer.allocate(8 + header.length + data.length).order(ByteOrder.LITTLE_ENDIAN)
                .putLong(declaredLength).put(header).put(data).array();
    }

    /** JSON, written in tests with apostrophes for quotes. */
    public static String json(String withApostrophes) {
        return withApostrophes.replace('\'', '"');
    }
}
