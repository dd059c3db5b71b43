package org.charlstm.text;

import java.io.IOException;
import java.nio.file.Path;
import org.charlstm.CharlstmException;
import org.charlstm.Quantity;
import org.charlstm.Setting;
import org.jspecify.annotations.Nullable;

/**
 * Reads captions from text, one a line: lines ended by LF or CRLF, the last of a file by its end. Lines that are empty
 * or white space are skipped; white space is otherwise kept. Of COCO's JSON the captions are such lines.
 */
public final class CaptionFile {
    /** Of white space alone a line may have so many characters that no caption has. */
    private static final int MAX_BLANKS = 4 * Captions.MAX_LENGTH;

    private final TextInput input;
    private final int maxCaptions;
    private final @Nullable CaptionLimit limit;
    private final CaptionBuilder captions;
    /** What is read of a line, as far as a caption goes, how much that is, and whether it is white space. */
    private final int[] read;
    private int length;
    private boolean blank;
    /** Whether what is read of a line is blank, which is all that a cut leaves of it. */
    private boolean blankStart;
    private int line;
    private long lines;

    private CaptionFile(TextInput input, int maxCaptions, @Nullable CaptionLimit limit) {
        this.input = input;
        this.maxCaptions = maxCaptions;
        this.limit = limit;
        captions = new CaptionBuilder(input.name(), limit);
        read = new int[limit == null ? Captions.MAX_LENGTH : limit.length()];
    }

    /**
     * Reads a file, or all of a folder.
     *
     * @param maxCaptions how many captions to take at most
     * @throws CharlstmException if the file cannot be read, is not UTF-8, has a caption that is too long, or holds no
     *                           caption
     */
    public static Captions read(Path file, int maxCaptions) {
        return read(TextInput.of(file), maxCaptions, null, ReadingProgress.NONE);
    }

    /**
     * Reads captions, but for those that are too long.
     *
     * @param input       where they are
     * @param maxCaptions how many captions to take at most; those that are left out do not count
     * @param limit       what happens to captions that are longer, whatever their length; null to refuse those of more
     *                    than {@link Captions#MAX_LENGTH} characters
     * @throws CharlstmException if something cannot be read, is not in its encoding, has a caption that is too long, or
     *                           if there is no caption
     */
    public static Captions read(TextInput input, int maxCaptions, @Nullable CaptionLimit limit,
            ReadingProgress progress) {
        return new CaptionFile(input, maxCaptions, limit).captions(progress);
    }

    private Captions captions(ReadingProgress progress) {
        UnknownCharacters outside = TextReading.read(input, "a text file with one caption a line", true, progress,
                this::take);
        if (captions.count() == 0) {
            throw new CharlstmException(lines == 0 ? input.name() + " is empty; it needs one caption a line"
                    : input.name() + " holds no caption" + (limit != null && captions.longer() > 0
                            ? " of at most " + Quantity.of(limit.length(), "characters") + "; allow longer ones"
                            : ": all of its lines are blank (" + lines + " of them)"))
                    .mendedBy(limit == null ? new Setting[0] : new Setting[] {Setting.CAPTION_LENGTH});
        }
        return captions.build(input.preprocessing(), outside, captions.count() < maxCaptions);
    }

    private boolean take(Sources.Part part, PreprocessedText text) throws IOException {
        captions.begin(part);
        boolean blankIsCaption = part.unit().equals(Sources.CAPTION);
        long leftBefore = text.leftWords();
        line = 0;
        int next = text.next();
        while (next != CodePoints.END && captions.count() < maxCaptions) {
            line++;
            lines++;
            int end = readLine(part, next, text);
            if (!blank && !(blankStart && limit != null && limit.cut())) {
                captions.add(read, length, line);
            } else if (!blank || blankIsCaption || text.leftWords() > leftBefore) {
                captions.leaveOut();
            } else {
                captions.skip();
            }
            leftBefore = text.leftWords();
            // What follows the last caption that is taken is not looked at.
            next = end == CodePoints.END || captions.count() == maxCaptions ? CodePoints.END : text.next();
        }
        if (text.leftWords() > leftBefore) {
            // The last line, which no line feed ends, and of which nothing is left.
            captions.leaveOut();
            lines++;
        }
        return captions.count() < maxCaptions;
    }

    static boolean isBlank(int character) {
        return Character.isWhitespace(character) || Character.isSpaceChar(character);
    }

    /**
     * Whether a line is no caption.
     *
     * @param line without its end
     * @return true of one without characters, or of white space alone
     */
    public static boolean isBlank(String line) {
        return line.codePoints().allMatch(CaptionFile::isBlank);
    }

    /** Reads up to LF or the end, one of which is given back. */
    private int readLine(Sources.Part part, int first, CodePoints text) throws IOException {
        length = 0;
        blank = true;
        blankStart = true;
        int next = first;
        while (next != '\n' && next != CodePoints.END) {
            take(part, next);
            next = text.next();
        }
        return next;
    }

    private void take(Sources.Part part, int character) {
        boolean stillBlank = blank && isBlank(character);
        if (length < read.length) {
            read[length] = character;
            blankStart = stillBlank;
        } else if (limit == null && !(stillBlank && length < MAX_BLANKS)) {
            throw new CharlstmException(part.place(line) + " is longer than " + Captions.MAX_LENGTH
                    + " characters; break it into shorter captions, leave such out, or take all as running text")
                    .mendedBy(Setting.CAPTION_LENGTH, Setting.WINDOW);
        }
        blank = stillBlank;
        // Beyond what is kept it only matters that there is more.
        length += length <= MAX_BLANKS ? 1 : 0;
    }
}
