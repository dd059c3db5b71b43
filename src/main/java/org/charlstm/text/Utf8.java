package org.charlstm.text;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.charlstm.CharlstmException;

/** A file of UTF-8, read character by character. */
final class Utf8 {
    /** In place of a character: there is none left. */
    static final int END = -1;
    /** In place of a character: what follows is not UTF-8. */
    static final int MALFORMED = -2;
    static final int BYTE_ORDER_MARK = 0xFEFF;

    private final InputStream in;
    private final long total;
    private final ReadingProgress progress;
    private final CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT).onUnmappableCharacter(CodingErrorAction.REPORT);
    private final ByteBuffer bytes = ByteBuffer.allocate(1 << 16).flip();
    private final CharBuffer chars = CharBuffer.allocate(1 << 16).flip();
    private long taken;
    private boolean ended;
    private boolean malformed;

    /** What is made of the characters of a file. */
    interface Reader<T> {
        T read(Utf8 text) throws IOException;
    }

    private Utf8(InputStream in, long total, ReadingProgress progress) {
        this.in = in;
        this.total = total;
        this.progress = progress;
    }

    /**
     * Reads a file.
     *
     * @param wanted what it should be, for messages
     * @throws CharlstmException if it cannot be read, or what is made of it does not fit in memory
     */
    static <T> T read(Path file, String wanted, ReadingProgress progress, Reader<T> reader) {
        if (Files.isDirectory(file)) {
            throw new CharlstmException(file + " is a folder; name " + wanted);
        }
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file), UnreadText.HEAD)) {
            in.mark(UnreadText.HEAD);
            UnreadText.refuse(file, in.readNBytes(UnreadText.HEAD));
            in.reset();
            return reader.read(new Utf8(in, Files.isRegularFile(file) ? Files.size(file) : 0, progress));
        } catch (NoSuchFileException e) {
            throw new CharlstmException(file + " does not exist; name " + wanted, e);
        } catch (AccessDeniedException e) {
            throw new CharlstmException(file + " may not be read; check its permissions", e);
        } catch (IOException e) {
            throw new CharlstmException(file + " cannot be read: " + e.getMessage(), e);
        } catch (OutOfMemoryError e) {
            throw new CharlstmException(file + " does not fit in the JVM's memory, "
                    + (Runtime.getRuntime().maxMemory() >> 20)
                    + " MiB; take less of it, or give the JVM more with JDK_JAVA_OPTIONS=-Xmx...", e)
                    .mendedBy("max-samples");
        }
    }

    /** The next code point, or {@link #END}, or {@link #MALFORMED}. */
    int next() throws IOException {
        if (!chars.hasRemaining() && !fill()) {
            return malformed ? MALFORMED : END;
        }
        char first = chars.get();
        // The decoder gives surrogates in pairs, never one at a buffer's end.
        return Character.isHighSurrogate(first) ? Character.toCodePoint(first, chars.get()) : first;
    }

    private boolean fill() throws IOException {
        chars.clear();
        while (chars.position() == 0 && !malformed) {
            CoderResult result = decoder.decode(bytes, chars, ended);
            malformed = result.isError();
            if (result.isUnderflow()) {
                if (ended) {
                    break;
                }
                more();
            }
        }
        chars.flip();
        return chars.hasRemaining();
    }

    private void more() throws IOException {
        bytes.compact();
        int read = in.read(bytes.array(), bytes.position(), bytes.remaining());
        ended = read < 0;
        bytes.position(bytes.position() + Math.max(0, read)).flip();
        taken += Math.max(0, read);
        progress.read(taken, total);
    }
}
