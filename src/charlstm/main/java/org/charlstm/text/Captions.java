package org.charlstm.text;

import module java.base;
import org.charlstm.base.Quantity;
import org.charlstm.base.Refuse;
import org.charlstm.text.SourceFiles.SourceFile;
import org.charlstm.text.generated.GeneratedCaptions;
import org.jspecify.annotations.Nullable;

/**
 * Captions in the order of their source, or windows of a running text. Each caption has at least one character and is
 * not all white space. Characters are stored as compactly as their alphabet allows, see {@link Corpus}.
 */
public final class Captions {
    /** The longest caption accepted, in characters. */
    public static final int MAX_LENGTH = 10_000;

    private final String source;
    private final SourceFiles sources;
    private final Characters characters;
    private final TextRows rows;
    private final ReadingSummary summary;

    Captions(String source, SourceFiles sources, Characters characters, TextRows rows, ReadingSummary summary) {
        this.source = source;
        this.sources = sources;
        this.characters = characters;
        this.rows = rows;
        this.summary = summary;
    }

    /**
     * Captions in memory, from line 1. Throws {@link IllegalArgumentException} if there are none, or if a caption is
     * empty or too long.
     */
    public static Captions of(List<String> texts) {
        return of("the captions", texts, null, Preprocessing.NONE, true);
    }

    /** The first {@code count} built-in captions of a seed; {@code count} is at least 1. */
    public static Captions generated(int count, long seed) {
        return generated(count, seed, null, Preprocessing.NONE);
    }

    /**
     * The built-in captions within a limit, chosen from {@code count}, at least 1. Fails if the limit leaves all out.
     */
    public static Captions generated(int count, long seed, @Nullable CaptionLimit limit, Preprocessing preprocessing) {
        return of("the generated captions", GeneratedCaptions.generate(count, seed), limit, preprocessing, false);
    }

    private static Captions of(String source, List<String> texts, @Nullable CaptionLimit limit,
            Preprocessing preprocessing, boolean whole) {
        CaptionBuilder builder = new CaptionBuilder(source, limit);
        builder.begin(new SourceFile(source, false));
        int line = 0;
        long skipped = 0;
        long total = 0;
        for (String text : texts) {
            int[] all = preprocessing.normalized(text).codePoints().toArray();
            int[] codePoints = Arrays.stream(all).filter(preprocessing::keeps).toArray();
            total += all.length;
            skipped += all.length - codePoints.length;
            line++;
            if (codePoints.length < all.length && Arrays.stream(codePoints).allMatch(Character::isWhitespace)) {
                builder.leaveOut();
                continue;
            }
            if (codePoints.length == 0 || codePoints.length > MAX_LENGTH) {
                throw new IllegalArgumentException(source + ": a caption of " + codePoints.length
                        + " characters; each must have from 1 to " + MAX_LENGTH);
            }
            builder.add(codePoints, codePoints.length, line);
        }
        Refuse.argumentIf(texts.isEmpty(), source + ": there must be a caption");
        Refuse.inputIf(builder.count() == 0 && builder.longer() == 0, source + " have no character of the alphabet");
        Refuse.inputIf(builder.count() == 0, source + " are all longer than the limit of " + limit + " "
                + Quantity.unit(limit != null && limit.length() == 1, "characters"));
        return builder.build(preprocessing,
                preprocessing.alphabet() == null ? null : new UnknownCharacters(skipped, total), whole);
    }

    /** The name of the captions' source, for messages. */
    public String source() {
        return source;
    }

    /** A view of the captions as strings; each access makes a new string. */
    public List<String> texts() {
        return new Texts();
    }

    private final class Texts extends AbstractList<String> implements RandomAccess {
        @Override
        public String get(int index) {
            return characters.text(rows.start(index), rows.length(index));
        }

        @Override
        public int size() {
            return rows.count();
        }
    }

    /** How many captions there are. */
    public int size() {
        return rows.count();
    }

    /**
     * How many lines were left out because they were blank, at first or without the characters outside the alphabet.
     */
    public int skipped() {
        return summary.lines().skipped();
    }

    /** The limit for long captions; null if there is none. */
    public @Nullable CaptionLimit limit() {
        return summary.lines().limit();
    }

    /** How many captions were longer than the limit, and so were cut or left out. */
    public int longer() {
        return summary.lines().longer();
    }

    /** The characters left out because a vocabulary lacks them; null if no vocabulary was applied. */
    public @Nullable UnknownCharacters unknown() {
        return summary.unknown();
    }

    /** How the characters were preprocessed; a vocabulary made of these captions keeps the preprocessing. */
    public Preprocessing preprocessing() {
        return summary.preprocessing();
    }

    /** The characters left out because the alphabet lacks them; null if there is no alphabet. */
    public @Nullable UnknownCharacters outside() {
        return summary.outside();
    }

    /**
     * The captions, on their old lines, without the characters that a vocabulary lacks. Captions that become blank are
     * left out; fails if all are.
     */
    public Captions known(Vocabulary vocabulary) {
        CaptionBuilder kept = new CaptionBuilder(source, null);
        int[] text = new int[MAX_LENGTH];
        long unknownCharacters = 0;
        SourceFile file = null;
        for (int row = 0; row < rows.count(); row++) {
            if (!file(row).equals(file)) {
                file = file(row);
                kept.begin(file);
            }
            kept.advance(ordinal(row));
            int length = 0;
            boolean blank = true;
            long end = rows.start(row) + rows.length(row);
            for (long at = rows.start(row); at < end; at++) {
                int character = characters.codePoint(characters.get(at));
                if (vocabulary.id(character) >= 0) {
                    text[length++] = character;
                    blank &= CaptionFile.isBlank(character);
                } else {
                    unknownCharacters++;
                }
            }
            if (blank) {
                kept.leaveOut();
            } else {
                kept.add(text, length, line(row));
            }
        }
        Refuse.inputIf(kept.count() == 0, source + " has no caption with a character that the model's vocabulary has");
        Captions built = kept.build(preprocessing(), null, true);
        return new Captions(source, built.sources, built.characters, built.rows,
                summary.known(built.skipped(), new UnknownCharacters(unknownCharacters, characters())));
    }

    /** How many characters (code points) all rows have together. */
    public long characters() {
        return switch (rows) {
            case TextRows.Lines _ -> characters.length();
            // Characters that windows share count once.
            case TextRows.Windows windows ->
                (windows.count() - 1L) * Math.min(windows.stride(), windows.length()) + windows.length();
        };
    }

    /** Names the file and line of a caption, for messages. */
    public String place(int index) {
        return file(index).place(line(index));
    }

    private SourceFile file(int index) {
        return sources.file(rows.index(index));
    }

    /** Names the file and line of a character of a caption, or of a window, which may span lines and files. */
    String place(int index, int character) {
        long at = rows.start(index) + character;
        return switch (rows) {
            case TextRows.Lines lines ->
                file(index).place(line(index) + characters.count('\n', lines.start(index), at));
            case TextRows.Windows _ -> sources.file(at).place(1 + characters.count('\n', sources.start(at), at));
        };
    }

    /** The line of its file on which a caption begins, from 1. In COCO's JSON, this is the number of the caption. */
    public int line(int index) {
        return rows.line(index, characters, sources);
    }

    /**
     * The number of a caption among all captions of its text, from 0. It also counts captions that were left out
     * because they were too long or became blank. Blank lines do not count, but blank captions in JSON do. A window of
     * running text has its own number.
     *
     * @return the index itself if no caption before it was left out
     */
    public int ordinal(int index) {
        return rows.ordinal(index);
    }

    /** A single caption or window, with its line and ordinal. */
    public Captions only(int index) {
        Characters one = new Characters();
        long end = rows.start(index) + rows.length(index);
        for (long at = rows.start(index); at < end; at++) {
            one.add(characters.codePoint(characters.get(at)));
        }
        SourceFiles of = new SourceFiles();
        of.begin(file(index), 0);
        return new Captions(source, of, one, new TextRows.Lines(1, new long[] {0, one.length()},
                new int[] {line(index)}, new int[] {ordinal(index)}), summary);
    }

    Characters all() {
        return characters;
    }

    /** The distance in characters between the starts of successive windows of running text; 0 for captions. */
    public int stride() {
        return rows instanceof TextRows.Windows windows ? windows.stride() : 0;
    }

    TextRows rows() {
        return rows;
    }

    ReadingSummary summary() {
        return summary;
    }

    /** The characters that occur at least {@code minCount} times in the rows, in order of first appearance. */
    int[] alphabet(int minCount) {
        long[] counts = new long[characters.distinct()];
        int[] numbers = new int[counts.length];
        int found = 0;
        long at = 0;
        // Windows may overlap or leave characters out.
        for (int row = 0; row < rows.count() && (found < counts.length || minCount > 1); row++) {
            long end = rows.start(row) + rows.length(row);
            for (at = Math.max(at, rows.start(row)); at < end; at++) {
                int number = characters.get(at);
                if (counts[number]++ == 0) {
                    numbers[found++] = number;
                }
            }
        }
        return Arrays.stream(numbers, 0, found).filter(number -> counts[number] >= minCount).map(characters::codePoint)
                .toArray();
    }
}
