package org.charlstm.text;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import org.charlstm.CharlstmException;
import org.charlstm.Setting;
import org.jspecify.annotations.Nullable;

/**
 * What the beginning of a text tells of its encoding.
 *
 * @param mark     how many bytes its mark takes
 */
record TextHead(Charset encoding, int mark) {
    /** How much of a file's beginning is looked at. */
    static final int MOST = 1 << 16;

    /**
     * Looks at a beginning.
     *
     * @param name     the file's, for messages
     * @param bytes    {@link #MOST} bytes of it or all
     * @param encoding what is said to be its encoding, or null for UTF-8; a byte order mark knows better
     * @throws CharlstmException if it is an archive, or text in UTF-16 without a mark and so much has not been said
     */
    static TextHead of(String name, byte[] bytes, @Nullable Charset encoding) {
        String packed = begins(bytes, 'B', 'Z', 'h') ? "bzip2 -dc" : begins(bytes, 0xFD, '7', 'z', 'X', 'Z') ? "xz -dc"
                : begins(bytes, 0x28, 0xB5, 0x2F, 0xFD) ? "zstd -dc" : begins(bytes, 'P', 'K', 3, 4) ? "unzip -p"
                : null;
        if (packed != null) {
            throw new CharlstmException(name + " is an archive; unpack it with " + packed);
        }
        if (begins(bytes, 0xFF, 0xFE, 0, 0)) {
            return new TextHead(StandardCharsets.UTF_32LE, 4);
        }
        if (begins(bytes, 0, 0, 0xFE, 0xFF)) {
            return new TextHead(StandardCharsets.UTF_32BE, 4);
        }
        if (begins(bytes, 0xFF, 0xFE)) {
            return new TextHead(StandardCharsets.UTF_16LE, 2);
        }
        if (begins(bytes, 0xFE, 0xFF)) {
            return new TextHead(StandardCharsets.UTF_16BE, 2);
        }
        if (begins(bytes, 0xEF, 0xBB, 0xBF)) {
            return new TextHead(StandardCharsets.UTF_8, 3);
        }
        Charset wide = encoding == null ? wide(bytes) : null;
        if (wide != null) {
            throw new CharlstmException(name + " is not in UTF-8 but in " + wide
                    + ", without a byte order mark to tell it; name its encoding").mendedBy(Setting.ENCODING);
        }
        return new TextHead(encoding == null ? StandardCharsets.UTF_8 : encoding, 0);
    }

    static boolean begins(byte[] bytes, int... with) {
        for (int i = 0; i < with.length; i++) {
            if (i >= bytes.length || bytes[i] != (byte) with[i]) {
                return false;
            }
        }
        return true;
    }

    /** The encoding of two bytes a character, by the zeros beside letters; or null. */
    private static @Nullable Charset wide(byte[] bytes) {
        int[] zeros = new int[2];
        for (int i = 0; i < bytes.length; i++) {
            zeros[i % 2] += bytes[i] == 0 ? 1 : 0;
        }
        for (int low = 0; low < 2; low++) {
            // Of every ten characters nine have a high byte of zero, and hardly any a low one.
            if (zeros[1 - low] * 20L > bytes.length * 9L && zeros[low] * 200L < bytes.length) {
                return low == 0 ? StandardCharsets.UTF_16LE : StandardCharsets.UTF_16BE;
            }
        }
        return null;
    }
}
