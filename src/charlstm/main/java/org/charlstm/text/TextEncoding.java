package org.charlstm.text;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.base.Setting;
import org.jspecify.annotations.Nullable;

/** A text's encoding, and the length of its byte order mark; 0 if there is no mark. */
record TextEncoding(Charset charset, int markBytes) {
    /** How many bytes of a file's beginning are examined; also the size of buffers. */
    static final int HEAD = 1 << 16;

    /** UTF-8's byte order mark. */
    private static final int[] MARK = {0xEF, 0xBB, 0xBF};
    /** Common encodings without a byte order mark. */
    private static final List<Charset> COMMON = List.of(StandardCharsets.UTF_8, Charset.forName("windows-1252"),
            StandardCharsets.ISO_8859_1);
    private static final List<Charset> CYRILLIC = List.of(Charset.forName("windows-1251"), Charset.forName("KOI8-R"));

    /**
     * Determines the encoding from a text's first {@link #HEAD} bytes, or from all if there are fewer. A byte order
     * mark overrides the encoding that the user names (null for UTF-8). UTF-8's mark does not override a single-byte
     * encoding, in which its bytes are three characters.
     */
    static TextEncoding of(String name, byte[] bytes, @Nullable Charset asked) {
        String unpacker = begins(bytes, 'B', 'Z', 'h') ? "bzip2 -dc"
                : begins(bytes, 0xFD, '7', 'z', 'X', 'Z') ? "xz -dc"
                : begins(bytes, 0x28, 0xB5, 0x2F, 0xFD) ? "zstd -dc"
                : begins(bytes, 'P', 'K', 3, 4) ? "unzip -p" : null;
        if (unpacker != null) {
            throw new CharlstmException(name + " is an archive; unpack it with " + unpacker);
        }
        if (begins(bytes, 0xFF, 0xFE, 0, 0)) {
            return new TextEncoding(StandardCharsets.UTF_32LE, 4);
        }
        if (begins(bytes, 0, 0, 0xFE, 0xFF)) {
            return new TextEncoding(StandardCharsets.UTF_32BE, 4);
        }
        if (begins(bytes, 0xFF, 0xFE)) {
            return new TextEncoding(StandardCharsets.UTF_16LE, 2);
        }
        if (begins(bytes, 0xFE, 0xFF)) {
            return new TextEncoding(StandardCharsets.UTF_16BE, 2);
        }
        if (begins(bytes, MARK) && (asked == null || !hasCharacters(asked))) {
            return new TextEncoding(StandardCharsets.UTF_8, 3);
        }
        Charset utf16 = asked == null ? unmarkedUtf16(bytes) : null;
        if (utf16 != null) {
            throw new CharlstmException(name + " is not in UTF-8 but in " + utf16
                    + ", without a byte order mark to tell it; name its encoding").mendedBy(Setting.ENCODING);
        }
        return new TextEncoding(asked == null ? StandardCharsets.UTF_8 : asked, 0);
    }

    /** Whether the bytes of UTF-8's byte order mark are three characters in an encoding, and may begin a text. */
    private static boolean hasCharacters(Charset encoding) {
        try {
            return encoding.newDecoder().onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(new byte[] {(byte) MARK[0], (byte) MARK[1], (byte) MARK[2]}))
                    .length() == MARK.length;
        } catch (CharacterCodingException e) {
            return false;
        }
    }

    static boolean begins(byte[] bytes, int... with) {
        for (int i = 0; i < with.length; i++) {
            if (i >= bytes.length || bytes[i] != (byte) with[i]) {
                return false;
            }
        }
        return true;
    }

    /** Recognises UTF-16 by the zero bytes beside letters. */
    private static @Nullable Charset unmarkedUtf16(byte[] bytes) {
        int[] zeros = new int[2];
        for (int i = 0; i < bytes.length; i++) {
            zeros[i % 2] += bytes[i] == 0 ? 1 : 0;
        }
        for (int low = 0; low < 2; low++) {
            // Nine in ten characters have a zero high byte, and hardly any has a zero low byte.
            if (zeros[1 - low] * 20L > bytes.length * 9L && zeros[low] * 200L < bytes.length) {
                return low == 0 ? StandardCharsets.UTF_16LE : StandardCharsets.UTF_16BE;
            }
        }
        return null;
    }

    /** The other common encodings that fit the whole file, likeliest first; empty if the file can be read only once. */
    List<String> alternatives(InputFile file) throws IOException {
        List<String> fitting = new ArrayList<>();
        List<Charset> all = new ArrayList<>(COMMON);
        all.addAll(1, file.isRepeatable() ? cyrillic(file) : List.of());
        for (Charset each : all) {
            if (file.isRepeatable() && !each.equals(charset) && fits(file, each)) {
                fitting.add(each.name());
            }
        }
        return fitting;
    }

    /**
     * The encodings of Cyrillic, likelier first; empty if a file's beginning does not look like Cyrillic. Most letters
     * of Cyrillic are bytes from 0xC0 on, which are rare in other alphabets. Most letters are lower case: the upper
     * half of these bytes in windows-1251, the lower half in KOI8-R.
     */
    private static List<Charset> cyrillic(InputFile file) throws IOException {
        byte[] bytes;
        try (InputStream in = file.unpacked(new BufferedInputStream(file.open(), HEAD))) {
            bytes = in.readNBytes(HEAD);
        }
        int latin = 0;
        int[] halves = new int[2];
        for (byte each : bytes) {
            latin += Character.isLetter(each) ? 1 : 0;
            if ((each & 0xC0) == 0xC0) {
                halves[(each & 0x20) / 0x20]++;
            }
        }
        List<Charset> both = halves[1] > halves[0] ? CYRILLIC : CYRILLIC.reversed();
        return halves[0] + halves[1] > latin ? both : List.of();
    }

    /** Whether a file decodes without errors and without control characters that no text has. */
    private static boolean fits(InputFile file, Charset charset) throws IOException {
        try (Reader reader = new InputStreamReader(file.unpacked(new BufferedInputStream(file.open(), HEAD)),
                charset.newDecoder().onMalformedInput(CodingErrorAction.REPORT)
                        .onUnmappableCharacter(CodingErrorAction.REPORT))) {
            char[] chars = new char[1 << 13];
            for (int read = reader.read(chars); read >= 0; read = reader.read(chars)) {
                for (int i = 0; i < read; i++) {
                    if (chars[i] == 0 || (chars[i] >= 0x7F && chars[i] < 0xA0)) {
                        return false;
                    }
                }
            }
            return true;
        } catch (CharacterCodingException e) {
            return false;
        }
    }
}
