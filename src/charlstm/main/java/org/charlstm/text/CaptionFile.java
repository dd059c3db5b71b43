package org.charlstm.text;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.base.Quantity;
import org.charlstm.base.Setting;
import org.charlstm.text.SourceFiles.SourceFile;
import org.jspecify.annotations.Nullable;

/**
 * Reads captions from text, one per line. A line ends with LF or CRLF, or with CR in a file without LF; the last line
 * may end with the file. Lines that are empty or all white space are skipped; all other white space is kept. Each
 * caption in COCO's JSON counts as a line.
 */
public final class CaptionFile {
    /** Limits a line of white space alone, which may be longer than a caption. */
    private static final int MAX_BLANKS = 4 * Captions.MAX_LENGTH;

    private final TextInput input;
    private final int maxCaptions;
    private final @Nullable CaptionLimit limit;
    private final CaptionBuilder captions;
    /** The beginning of the current line, the line's length, and whether the whole line is white space. */
    private final int[] read;
    private int length;
    private boolean blank;
    /** Whether the stored beginning is blank: a cut leaves only this beginning. */
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
     * Reads at most {@code maxCaptions} captions of a file or folder. Fails if the text is not UTF-8, has a caption
     * that is too long, or has no caption.
     */
    public static Captions read(Path file, int maxCaptions) {
        return read(TextInput.of(file), maxCaptions, null, ReadingProgress.NONE);
    }

    /**
     * Reads at most {@code maxCaptions} captions, without counting the captions left out. {@code limit} cuts or leaves
     * out long captions; with null, captions of more than {@link Captions#MAX_LENGTH} characters are refused. Fails if
     * the input cannot be read, is not in its encoding, has a caption that is too long, or has no caption.
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
            // Reads nothing behind the last caption.
            next = end == CodePoints.END || captions.count() == maxCaptions ? CodePoints.END : text.next();
        }
        if (text.skippedInWords() > skippedBefore) {
            // The last line has no line feed, and the alphabet removes all its characters.
            captions.leaveOut();
            lines++;
        }
        return captions.count() < maxCaptions;
    }

    static boolean isBlank(int character) {
        return Character.isWhitespace(character) || Character.isSpaceChar(character);
    }

    /** Whether a line, without its line end, is empty or white space, and so is not a caption. */
    public static boolean isBlank(String line) {
        return line.codePoints().allMatch(CaptionFile::isBlank);
    }

    /** Reads up to a line feed or the end of the text, and returns which of the two ended the line. */
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
