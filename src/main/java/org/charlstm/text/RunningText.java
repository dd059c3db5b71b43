package org.charlstm.text;

import java.io.IOException;
import java.nio.file.Path;
import org.charlstm.CharlstmException;
import org.charlstm.Counted;
import org.jspecify.annotations.Nullable;

/** Text that has no captions: a whole file, line ends included, cut into windows of one length. */
public final class RunningText {
    private final String source;
    private final Characters characters = new Characters();
    private @Nullable UnknownCharacters unknown;

    private RunningText(String source) {
        this.source = source;
    }

    /**
     * A text that is already in memory.
     *
     * @param source where it comes from, for messages
     * @param text   the text
     * @return the same
     */
    public static RunningText of(String source, String text) {
        RunningText running = new RunningText(source);
        text.codePoints().forEach(running.characters::add);
        return running;
    }

    /**
     * Reads a file of UTF-8, with or without a byte order mark; CRLF becomes LF.
     *
     * @param file the file
     * @return its text
     * @throws CharlstmException if it cannot be read, is not UTF-8, or is empty
     */
    public static RunningText read(Path file) {
        return read(file, Long.MAX_VALUE, ReadingProgress.NONE);
    }

    /**
     * Reads the beginning of such a file.
     *
     * @param file          the file
     * @param maxCharacters how many characters to take at most
     * @param progress      follows the reading
     * @return its text
     * @throws CharlstmException if it cannot be read, is not UTF-8, or is empty
     */
    public static RunningText read(Path file, long maxCharacters, ReadingProgress progress) {
        RunningText running = Utf8.read(file, "a text file", progress,
                text -> new RunningText(file.toString()).fill(text, maxCharacters));
        if (running.characters.length() == 0) {
            throw new CharlstmException(file + " is empty; it needs text");
        }
        return running;
    }

    private RunningText fill(Utf8 text, long maxCharacters) throws IOException {
        int next = text.next();
        if (next == Utf8.BYTE_ORDER_MARK) {
            next = text.next();
        }
        while (next != Utf8.END && characters.length() < maxCharacters) {
            if (next == Utf8.MALFORMED) {
                throw new CharlstmException(source + " is not valid UTF-8; "
                        + UnreadText.conversion(Path.of(source)));
            }
            int following = text.next();
            if (next != '\r' || following != '\n') {
                characters.add(next);
            }
            next = following;
        }
        return this;
    }

    /**
     * Its characters.
     *
     * @return each once, in order of first appearance
     */
    public String characters() {
        StringBuilder each = new StringBuilder();
        for (int number = 0; number < characters.distinct(); number++) {
            each.appendCodePoint(characters.codePoint(number));
        }
        return each.toString();
    }

    /**
     * The same without characters that a vocabulary lacks.
     *
     * @param vocabulary the characters that stay
     * @return another text, whose windows are at the lines that are left
     */
    public RunningText known(Vocabulary vocabulary) {
        RunningText kept = new RunningText(source);
        for (long at = 0; at < characters.length(); at++) {
            int character = characters.codePoint(characters.get(at));
            if (vocabulary.id(character) >= 0) {
                kept.characters.add(character);
            }
        }
        kept.unknown = new UnknownCharacters(characters.length() - kept.characters.length(), characters.length());
        return kept;
    }

    /**
     * Cuts the text into windows.
     *
     * @param length T + 1, characters of each
     * @param stride how far the next begins behind the one before, at least 1
     * @param max    how many to take at most
     * @return every window that fits, each at the line on which it begins
     * @throws CharlstmException if none fits
     */
    public Captions windows(int length, int stride, int max) {
        if (characters.length() < length) {
            throw new CharlstmException(source + " has " + Counted.of(characters.length(), "characters")
                    + (unknown == null ? "" : " that the model's vocabulary has") + "; one window of the model takes "
                    + length);
        }
        int count = (int) Math.min(max, (characters.length() - length) / stride + 1);
        return new Captions(source, characters, new Rows.Windows(count, stride, length), 0, null, 0, unknown);
    }
}
