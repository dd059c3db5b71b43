package org.charlstm.text;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.charlstm.CharlstmException;

/** Text that has no captions: a whole file, line ends included, cut into windows of one length. */
public final class RunningText {
    private static final String BYTE_ORDER_MARK = "\uFEFF";

    private RunningText() {
    }

    /**
     * Reads a file of UTF-8, with or without a byte order mark; CRLF becomes LF.
     *
     * @param file the file
     * @return its text
     * @throws CharlstmException if it cannot be read, is not UTF-8, or is empty
     */
    public static String read(Path file) {
        try {
            String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(Files.readAllBytes(file)))
                    .toString().replace("\r\n", "\n");
            text = text.startsWith(BYTE_ORDER_MARK) ? text.substring(1) : text;
            if (text.isEmpty()) {
                throw new CharlstmException(file + " is empty; it needs text");
            }
            return text;
        } catch (CharacterCodingException e) {
            throw new CharlstmException(file + " is not valid UTF-8; convert it, for example with iconv -t UTF-8", e);
        } catch (NoSuchFileException e) {
            throw new CharlstmException(file + " does not exist; name a text file", e);
        } catch (IOException | OutOfMemoryError e) {
            throw new CharlstmException(file + " cannot be read: " + e.getMessage(), e);
        }
    }

    /**
     * Cuts a text into windows.
     *
     * @param source where it comes from, for messages
     * @param text   the text
     * @param length T + 1, characters of each
     * @param stride how far the next begins behind the one before, at least 1
     * @param max    how many to take at most
     * @return every window that fits, each at the line on which it begins
     * @throws CharlstmException if none fits
     */
    public static Captions windows(String source, String text, int length, int stride, int max) {
        int[] characters = text.codePoints().toArray();
        if (characters.length < length) {
            throw new CharlstmException(source + " has " + characters.length + " characters; one window of the model "
                    + "takes " + length);
        }
        int count = Math.min(max, (characters.length - length) / stride + 1);
        int[] lines = new int[count];
        int line = 1;
        for (int n = 0, at = 0; n < count; n++) {
            for (; at < n * stride; at++) {
                line += characters[at] == '\n' ? 1 : 0;
            }
            lines[n] = line;
        }
        List<String> texts = IntStream.range(0, count).mapToObj(n -> new String(characters, n * stride, length))
                .toList();
        return new Captions(source, texts, IntStream.of(lines).boxed().toList(), 0);
    }
}
