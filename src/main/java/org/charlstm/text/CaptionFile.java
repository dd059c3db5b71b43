package org.charlstm.text;

import java.io.IOException;
import java.nio.file.Path;
import org.charlstm.CharlstmException;
import org.charlstm.Counted;
import org.jspecify.annotations.Nullable;

/**
 * Reads captions from a text file, one a line: UTF-8 with or without a byte order mark, lines ended by LF or CRLF.
 * Lines that are empty or white space are skipped; white space is otherwise kept.
 */
public final class CaptionFile {
    /** Of white space alone a line may have so many characters that no caption has. */
    private static final int MAX_BLANKS = 4 * Captions.MAX_LENGTH;

    private final Utf8 text;
    private final String source;
    private final @Nullable CaptionLimit limit;
    private final CaptionBuilder captions;
    /** What is read of a line, as far as a caption goes, how much that is, and whether it is white space. */
    private final int[] read;
    private int length;
    private boolean blank;
    /** Whether what is read of a line is blank, which is all that a cut leaves of it. */
    private boolean blankStart;
    private int line;

    private CaptionFile(Utf8 text, String source, @Nullable CaptionLimit limit) {
        this.text = text;
        this.source = source;
        this.limit = limit;
        captions = new CaptionBuilder(source, limit);
        read = new int[limit == null ? Captions.MAX_LENGTH : limit.length()];
    }

    /**
     * Reads a file.
     *
     * @param file        the file
     * @param maxCaptions how many captions to take at most
     * @return the captions
     * @throws CharlstmException if the file cannot be read, is not UTF-8, has a caption that is too long, or holds no
     *                           caption
     */
    public static Captions read(Path file, int maxCaptions) {
        return read(file, maxCaptions, null, ReadingProgress.NONE);
    }

    /**
     * Reads a file, but for captions that are too long.
     *
     * @param file        the file
     * @param maxCaptions how many captions to take at most; those that are left out do not count
     * @param limit       what happens to captions that are longer, whatever their length; null to refuse those of more
     *                    than {@link Captions#MAX_LENGTH} characters
     * @param progress    follows the reading
     * @return the captions
     * @throws CharlstmException if the file cannot be read, is not UTF-8, has a caption that is too long, or holds no
     *                           caption
     */
    public static Captions read(Path file, int maxCaptions, @Nullable CaptionLimit limit, ReadingProgress progress) {
        return Utf8.read(file, "a text file with one caption a line", progress,
                text -> new CaptionFile(text, file.toString(), limit).captions(maxCaptions));
    }

    private Captions captions(int maxCaptions) throws IOException {
        int next = text.next();
        boolean some = next != Utf8.END;
        if (next == Utf8.BYTE_ORDER_MARK) {
            next = text.next();
        }
        while (some && captions.count() < maxCaptions) {
            line++;
            next = readLine(next);
            if (blank || (blankStart && limit != null && limit.cut())) {
                captions.skip();
            } else {
                captions.add(read, length, line);
            }
            // What follows the last caption that is taken is not looked at.
            some = next == '\n' && captions.count() < maxCaptions && (next = text.next()) != Utf8.END;
        }
        if (captions.count() == 0) {
            throw new CharlstmException(line == 0 ? source + " is empty; it needs one caption a line"
                    : source + " holds no caption" + (limit != null && captions.longer() > 0
                            ? " of at most " + Counted.of(limit.length(), "characters") + "; allow longer ones"
                            : ": all of its lines are blank (" + line + " of them)"))
                    .mendedBy(limit == null ? new String[0] : new String[] {"max-caption"});
        }
        return captions.build();
    }

    /** Reads up to LF, which is given back, with a CR before it dropped, or to the end. */
    private int readLine(int first) throws IOException {
        length = 0;
        blank = true;
        blankStart = true;
        boolean carriageReturn = false;
        int next = first;
        while (next != '\n' && next != Utf8.END) {
            if (next == Utf8.MALFORMED) {
                throw new CharlstmException(source + ", line " + line
                        + " is not valid UTF-8; " + UnreadText.conversion(Path.of(source)));
            }
            if (carriageReturn) {
                take('\r');
            }
            carriageReturn = next == '\r';
            if (!carriageReturn) {
                take(next);
            }
            next = text.next();
        }
        if (carriageReturn && next != '\n') {
            take('\r');
        }
        return next;
    }

    private void take(int character) {
        boolean stillBlank = blank && (Character.isWhitespace(character) || Character.isSpaceChar(character));
        if (length < read.length) {
            read[length] = character;
            blankStart = stillBlank;
        } else if (limit == null && !(stillBlank && length < MAX_BLANKS)) {
            throw new CharlstmException(source + ", line " + line + " is longer than " + Captions.MAX_LENGTH
                    + " characters; break it into shorter captions, or leave such out")
                    .mendedBy("max-caption");
        }
        blank = stillBlank;
        // Beyond what is kept it only matters that there is more.
        length += length <= MAX_BLANKS ? 1 : 0;
    }
}
