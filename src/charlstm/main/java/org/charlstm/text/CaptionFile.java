package org.charlstm.text;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.base.Quantity;
import org.charlstm.base.Setting;
import org.charlstm.text.SourceFiles.SourceFile;
import org.jspecify.annotations.Nullable;

/**
 * Reads captions from text, one a line: lines ended by LF, CRLF or, in a file without LF, CR, the last by its end.
 * Lines that are empty or white space are skipped; white space is otherwise kept. In COCO's JSON each caption is such a
 * line.
 */
public final class CaptionFile {
    /** A line of white space alone may be longer than a caption. */
    private static final int MAX_BLANKS = 4 * Captions.MAX_LENGTH;

    private final TextInput input;
    private final int maxCaptions;
    private final @Nullable CaptionLimit limit;
    private final CaptionBuilder captions;
    /** The beginning of a line, the line's length, and whether all of it is white space. */
    private final int[] read;
    private int length;
    private boolean blank;
    /** Whether the stored beginning, which is all that a cut leaves, is blank. */
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

    /** Reads so many captions of a file or folder at most. Fails if it is not UTF-8, has too long ones, or none. */
    public static Captions read(Path file, int maxCaptions) {
        return read(TextInput.of(file), maxCaptions, null, ReadingProgress.NONE);
    }

    /**
     * Reads so many captions at most, not counting those left out, with a limit for long ones, null to refuse those of
     * more than {@link Captions#MAX_LENGTH} characters. Fails if something cannot be read, is not in its encoding, has
     * a caption that is too long, or if there is no caption.
     */
    public static Captions read(TextInput input, int maxCaptions, @Nullable CaptionLimit limit,
            ReadingProgress progress) {
        return new CaptionFile(input, maxCaptions, limit).captions(progress);
    }

    private Captions captions(ReadingProgress progress) {
        UnknownCharacters outside = TextReader.read(input, "a text file with one caption a line", true, progress,
                this::take);
        if (captions.count() == 0) {
            throw new CharlstmException(lines == 0 ? input.name() + " is empty; it needs one caption a line"
                    : input.name() + " holds no caption" + (limit != null && captions.longer() > 0
                            ? " of at most " + Quantity.of(limit.length(), "characters") + "; allow longer ones"
                            : outside != null && outside.skipped() > 0
                                    ? " with a character of the alphabet, which lacks " + outside.skipped() + " of its "
                                            + Quantity.of(outside.total(), "characters")
                            : ": all of its lines are blank (" + lines + " of them)"))
                    .mendedBy(limit == null ? new Setting[0] : new Setting[] {Setting.CAPTION_LENGTH});
        }
        return captions.build(input.preprocessing(), outside, captions.count() < maxCaptions);
    }

    private boolean take(SourceFile file, PreprocessedText text) throws IOException {
        captions.begin(file);
        boolean blankIsCaption = file.isJson();
        long skippedBefore = text.skippedInWords();
        line = 0;
        int next = text.next();
        while (next != CodePoints.END && captions.count() < maxCaptions) {
            line++;
            lines++;
            int end = readLine(file, next, text);
            if (!blank && !(blankStart && limit != null && limit.cut())) {
                captions.add(read, length, line);
            } else if (!blank || blankIsCaption || text.skippedInWords() > skippedBefore) {
                captions.leaveOut();
            } else {
                captions.skip();
            }
            skippedBefore = text.skippedInWords();
            // Nothing behind the last caption is read.
            next = end == CodePoints.END || captions.count() == maxCaptions ? CodePoints.END : text.next();
        }
        if (text.skippedInWords() > skippedBefore) {
            // The last line, without a line feed, of which the alphabet leaves nothing.
            captions.leaveOut();
            lines++;
        }
        return captions.count() < maxCaptions;
    }

    static boolean isBlank(int character) {
        return Character.isWhitespace(character) || Character.isSpaceChar(character);
    }

    /** Whether a line, without its end, is not a caption: it is empty or white space. */
    public static boolean isBlank(String line) {
        return line.codePoints().allMatch(CaptionFile::isBlank);
    }

    /** Reads up to a line feed or the end, and returns which it is. */
    private int readLine(SourceFile file, int first, CodePoints text) throws IOException {
        length = 0;
        blank = true;
        blankStart = true;
        int next = first;
        while (next != '\n' && next != CodePoints.END) {
            take(file, next);
            next = text.next();
        }
        return next;
    }

    private void take(SourceFile file, int character) {
        boolean stillBlank = blank && isBlank(character);
        if (length < read.length) {
            read[length] = character;
            blankStart = stillBlank;
        } else if (limit == null && !(stillBlank && length < MAX_BLANKS)) {
            throw new CharlstmException(file.place(line) + " is longer than " + Captions.MAX_LENGTH
                    + " characters; break it into shorter captions, leave such out, or take all as running text")
                    .mendedBy(Setting.CAPTION_LENGTH, Setting.WINDOW);
        }
        blank = stillBlank;
        length += length <= MAX_BLANKS ? 1 : 0;
    }
}
