package org.charlstm.text;

import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.charlstm.CharlstmException;
import org.charlstm.Setting;

/** Bytes as characters; CRLF becomes LF. */
final class DecodedText implements CodePoints {
    private static final int NONE = -2;
    private static final int MALFORMED = -3;

    private final InputFile file;
    private final InputStream in;
    private final TextHead head;
    private final CharsetDecoder decoder;
    private final ByteBuffer bytes = ByteBuffer.allocate(TextHead.MOST).flip();
    private final CharBuffer chars = CharBuffer.allocate(TextHead.MOST).flip();
    private long taken;
    private long line = 1;
    private boolean ended;
    private boolean whole;
    private boolean malformed;
    /** Of a character of UTF-8 how many bytes are still to come; -1 after what UTF-8 has not. */
    private int following;
    private boolean wide;
    /** What follows a CR, looked at but not given yet. */
    private int ahead = NONE;

    /** Text whose bytes follow the byte order mark, if there is one. */
    DecodedText(InputFile file, InputStream in, TextHead head) {
        this.file = file;
        this.in = in;
        this.head = head;
        decoder = head.encoding().newDecoder().onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT);
    }

    @Override
    public int next() throws IOException {
        int next = ahead == NONE ? decoded() : ahead;
        ahead = NONE;
        if (next == '\r') {
            ahead = decoded();
            if (ahead == '\n') {
                next = '\n';
                ahead = NONE;
            }
        }
        if (next == MALFORMED) {
            throw malformed();
        }
        line += next == '\n' ? 1 : 0;
        return next;
    }

    /** The same for whoever reads characters in twos. */
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
                // The bytes are somebody else's.
            }
        };
    }

    private CharlstmException malformed() throws IOException {
        String fitting = String.join(" or ", Encodings.fitting(file, head.encoding()));
        return new CharlstmException(String.format(Locale.ROOT,
                "%s, line %d is not valid %s (byte %d of the text, 0x%02X); %sname its encoding", file.name(), line,
                head.encoding().name(), head.mark() + taken - bytes.remaining() + 1, bytes.get(bytes.position()),
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
        // Decoders give surrogates in pairs, but not all of them both at once.
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
        return chars.hasRemaining();
    }

    /**
     * Whether what was read is UTF-8 of several bytes a character, and was decoded as something else. Of a text in
     * another encoding all that is beyond ASCII would have to look so by chance.
     */
    boolean isOtherwiseUtf8() {
        return wide && following >= 0 && !head.encoding().equals(StandardCharsets.UTF_8);
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
