package org.charlstm.text;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.charlstm.CharlstmException;

/**
 * Reads captions from a text file, one a line: UTF-8 with or without a byte order mark, lines ended by LF or CRLF.
 * Lines that are empty or white space are skipped; white space is otherwise kept.
 */
public final class CaptionFile {
    private static final int MAX_BYTES = 4 * Captions.MAX_LENGTH + 4;
    private static final String BYTE_ORDER_MARK = "\uFEFF";

    private CaptionFile() {
    }

    /**
     * Reads a file.
     *
     * @param file       the file
     * @param maxCaptions how many captions to take at most
     * @return the captions
     * @throws CharlstmException if the file cannot be read, is not UTF-8, has a caption that is too long, or holds no
     *                           caption
     */
    public static Captions read(Path file, int maxCaptions) {
        if (Files.isDirectory(file)) {
            throw new CharlstmException(file + " is a folder; name a text file with one caption a line");
        }
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
            return read(in, file.toString(), maxCaptions);
        } catch (NoSuchFileException e) {
            throw new CharlstmException(file + " does not exist; name a text file with one caption a line", e);
        } catch (AccessDeniedException e) {
            throw new CharlstmException(file + " may not be read; check its permissions", e);
        } catch (IOException e) {
            throw new CharlstmException(file + " cannot be read: " + e.getMessage(), e);
        }
    }

    private static Captions read(InputStream in, String source, int maxCaptions) throws IOException {
        List<String> texts = new ArrayList<>();
        List<Integer> lines = new ArrayList<>();
        int skipped = 0;
        int line = 0;
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        while (texts.size() < maxCaptions && readLine(in, bytes)) {
            line++;
            if (bytes.size() > MAX_BYTES) {
                throw tooLong(source, line);
            }
            String text = decode(bytes.toByteArray(), source, line);
            if (line == 1 && text.startsWith(BYTE_ORDER_MARK)) {
                text = text.substring(1);
            }
            if (isBlank(text)) {
                skipped++;
                continue;
            }
            if (text.codePointCount(0, text.length()) > Captions.MAX_LENGTH) {
                throw tooLong(source, line);
            }
            texts.add(text);
            lines.add(line);
        }
        if (texts.isEmpty()) {
            throw new CharlstmException(line == 0 ? source + " is empty; it needs one caption a line"
                    : source + " holds no caption: all of its lines are blank (" + line + " of them)");
        }
        return new Captions(source, texts, lines, skipped);
    }

    /** Reads up to LF, which is dropped with a CR before it; a line that is too long is not read to its end. */
    private static boolean readLine(InputStream in, ByteArrayOutputStream bytes) throws IOException {
        bytes.reset();
        int next = in.read();
        boolean some = next >= 0;
        boolean carriageReturn = false;
        while (next >= 0 && next != '\n' && bytes.size() <= MAX_BYTES) {
            if (carriageReturn) {
                bytes.write('\r');
            }
            carriageReturn = next == '\r';
            if (!carriageReturn) {
                bytes.write(next);
            }
            next = in.read();
        }
        if (carriageReturn && next != '\n') {
            bytes.write('\r');
        }
        return some;
    }

    private static String decode(byte[] bytes, String source, int line) {
        try {
            return StandardCharsets.UTF_8.newDecoder().onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT).decode(ByteBuffer.wrap(bytes)).toString();
        } catch (CharacterCodingException e) {
            throw new CharlstmException(source + ", line " + line
                    + " is not valid UTF-8; convert the file, for example with iconv -t UTF-8", e);
        }
    }

    private static boolean isBlank(String text) {
        return text.codePoints().allMatch(c -> Character.isWhitespace(c) || Character.isSpaceChar(c));
    }

    private static CharlstmException tooLong(String source, int line) {
        return new CharlstmException(source + ", line " + line + " is longer than " + Captions.MAX_LENGTH
                + " characters; break it into shorter captions");
    }
}
