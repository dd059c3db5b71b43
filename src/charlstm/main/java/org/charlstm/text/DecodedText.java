package org.charlstm.text;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.base.Setting;

/** Decodes bytes to characters. CRLF becomes LF; a lone CR becomes LF too if the text's beginning has no LF. */
final class DecodedText implements CodePoints {
    private static final int NONE = -2;
    private static final int MALFORMED = -3;

    private final InputFile file;
    private final InputStream in;
    private final TextEncoding encoding;
    private final CharsetDecoder decoder;
    private final ByteBuffer bytes = ByteBuffer.allocate(TextEncoding.HEAD).flip();
    private final CharBuffer chars = CharBuffer.allocate(TextEncoding.HEAD).flip();
    private long taken;
    private long line = 1;
    /** The line of the first NUL character; 0 if none was read yet. */
    private long nulLine;
    private boolean ended;
    private boolean whole;
    private boolean malformed;
    /** How many more bytes the current character takes if the bytes are UTF-8; -1 if the bytes are not UTF-8. */
    private int following;
    /** Whether a character took several bytes when read as UTF-8. */
    private boolean wide;
    /** Whether lines end with CR alone, as on old Macs. */
    private boolean onlyCr;
    private boolean begun;
    /** The character after a CR, decoded but not returned yet. */
    private int ahead = NONE;

    /** Decodes bytes behind the byte order mark, which the caller has consumed. */
    DecodedText(InputFile file, InputStream in, TextEncoding encoding) {
        this.file = file;
        this.in = in;
        this.encoding = encoding;
        decoder = encoding.charset().newDecoder().onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT);
    }

    @Override
    public int next() throws IOException {
        int next = ahead == NONE ? decoded() : ahead;
        ahead = NONE;
        if (next == '\r') {
            ahead = decoded();
            if (ahead == '\n' || onlyCr) {
                next = '\n';
                ahead = ahead == '\n' ? NONE : ahead;
            }
        }
        if (next == MALFORMED) {
            throw malformed();
        }
        if (next == 0 && nulLine == 0) {
            nulLine = line;
        }
        line += next == '\n' ? 1 : 0;
        return next;
    }

    /** The same characters as UTF-16. */
    Reader reader() {
        return new Reader() {
            private int low;

            @Override
            public int read(char[] into, int at, int most) throws IOException {
                int to = at;
                while (to < at + most) {
                    int next = low;
                    low = 0;
                    if (next == 0) {
                        next = DecodedText.this.next();
                        if (next == END) {
                            return to == at && most > 0 ? -1 : to - at;
                        }
                        if (Character.isSupplementaryCodePoint(next)) {
                            low = Character.lowSurrogate(next);
                            next = Character.highSurrogate(next);
                        }
                    }
                    into[to++] = (char) next;
                }
                return most;
            }

            @Override
            public void close() {
                // The caller closes the bytes.
            }
        };
    }

    private CharlstmException malformed() throws IOException {
        String fitting = String.join(" or ", encoding.alternatives(file));
        return new CharlstmException(String.format(Locale.ROOT,
                "%s, line %d is not valid %s (byte %d of the text, 0x%02X); %sname its encoding", file.name(), line,
                encoding.charset().name(), encoding.markBytes() + taken - bytes.remaining() + 1,
                bytes.get(bytes.position()),
                fitting.isEmpty() ? "" : "it would fit " + fitting + "; ")).mendedBy(Setting.ENCODING);
    }

    private int decoded() throws IOException {
        if (!chars.hasRemaining() && !fill()) {
            return malformed ? MALFORMED : END;
        }
        char first = chars.get();
        if (!Character.isHighSurrogate(first)) {
            return first;
        }
        // A decoder may return the halves of a surrogate pair one at a time.
        return chars.hasRemaining() || fill() ? Character.toCodePoint(first, chars.get()) : MALFORMED;
    }

    private boolean fill() throws IOException {
        chars.clear();
        while (chars.position() == 0 && !malformed && !whole) {
            CoderResult result = decoder.decode(bytes, chars, ended);
            malformed = result.isError();
            if (result.isUnderflow()) {
                if (ended) {
                    decoder.flush(chars);
                    whole = true;
                } else {
                    more();
                }
            }
        }
        chars.flip();
        if (!begun) {
            begun = true;
            String beginning = chars.toString();
            onlyCr = beginning.indexOf('\r') >= 0 && beginning.indexOf('\n') < 0;
        }
        return chars.hasRemaining();
    }

    /** Whether the bytes, decoded as something else, are valid UTF-8 beyond ASCII, which is rarely a coincidence. */
    boolean isOtherwiseUtf8() {
        return wide && following >= 0 && !encoding.charset().equals(StandardCharsets.UTF_8);
    }

    /** The line, from 1, of the first NUL character, which text hardly ever has; 0 if there is no NUL. */
    long nulLine() {
        return nulLine;
    }

    private void look(byte next) {
        if (following > 0) {
            following = (next & 0xC0) == 0x80 ? following - 1 : -1;
        } else if (following == 0 && next < 0) {
            int bytesOfIt = Integer.numberOfLeadingZeros(~next << 24);
            following = bytesOfIt < 2 || bytesOfIt > 4 ? -1 : bytesOfIt - 1;
            wide = true;
        }
    }

    private void more() throws IOException {
        bytes.compact();
        int read = in.read(bytes.array(), bytes.position(), bytes.remaining());
        for (int i = bytes.position(); i < bytes.position() + read; i++) {
            look(bytes.get(i));
        }
        ended = read < 0;
        bytes.position(bytes.position() + Math.max(0, read)).flip();
        taken += Math.max(0, read);
    }
}
