package org.charlstm.text;

import java.util.AbstractList;
import java.util.Arrays;
import java.util.List;
import java.util.RandomAccess;
import org.charlstm.CharlstmException;
import org.charlstm.Quantity;
import org.jspecify.annotations.Nullable;

/**
 * Captions in the order of their source, each at least one character and none of white space alone, or windows of a
 * running text. They are kept as compactly as their alphabet allows, see {@link Corpus}; as strings they are made when
 * they are asked for.
 */
public final class Captions {
    /** The longest caption accepted, in characters. */
    public static final int MAX_LENGTH = 10_000;

    private final String source;
    private final Sources sources;
    private final Characters characters;
    private final Rows rows;
    private final Notes notes;

    Captions(String source, Sources sources, Characters characters, Rows rows, Notes notes) {
        this.source = source;
        this.sources = sources;
        this.characters = characters;
        this.rows = rows;
        this.notes = notes;
    }

    /** Decodes a caption whenever it is asked for. */
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

    /**
     * Captions that are already in memory.
     *
     * @return them, numbered from line 1
     * @throws IllegalArgumentException if there is none, or one is empty or too long
     */
    public static Captions of(List<String> texts) {
        return of("the captions", texts, null, Preprocessing.NONE, true);
    }

    /**
     * The built-in captions.
     *
     * @param count how many, at least 1
     */
    public static Captions generated(int count, long seed) {
        return generated(count, seed, null, Preprocessing.NONE);
    }

    /**
     * Those of the built-in captions that are not too long.
     *
     * @param count how many to choose from, at least 1
     * @param limit what happens to long ones, or null
     * @param how   what is made of their characters
     * @throws CharlstmException if all are left out
     */
    public static Captions generated(int count, long seed, @Nullable CaptionLimit limit, Preprocessing how) {
        return of("the generated captions", GeneratedCaptions.generate(count, seed), limit, how, false);
    }

    private static Captions of(String source, List<String> texts, @Nullable CaptionLimit limit,
            Preprocessing how, boolean whole) {
        CaptionBuilder builder = new CaptionBuilder(source, limit);
        builder.begin(new Sources.Part(source, "line"));
        int line = 0;
        long left = 0;
        long total = 0;
        for (String text : texts) {
            int[] all = how.normalized(text).codePoints().toArray();
            int[] codePoints = Arrays.stream(all).filter(how::keeps).toArray();
            total += all.length;
            left += all.length - codePoints.length;
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
        if (texts.isEmpty()) {
            throw new IllegalArgumentException(source + ": there must be a caption");
        }
        if (builder.count() == 0 && builder.longer() == 0) {
            throw new CharlstmException(source + " have no character of the alphabet");
        }
        if (builder.count() == 0) {
            throw new CharlstmException(source + " are all longer than the limit of " + limit + " "
                    + Quantity.unit(limit != null && limit.length() == 1, "characters"));
        }
        return builder.build(how, how.alphabet() == null ? null : new UnknownCharacters(left, total), whole);
    }

    /**
     * Where they come from.
     *
     * @return the source, for messages
     */
    public String source() {
        return source;
    }

    /**
     * The captions as text.
     *
     * @return a view, which makes each string anew whenever it is asked for
     */
    public List<String> texts() {
        return new Texts();
    }

    /** How many captions there are. */
    public int size() {
        return rows.count();
    }

    /** How many lines were left out because they were empty or white space, or nothing else was left of them. */
    public int skipped() {
        return notes.skipped();
    }

    /**
     * What was asked to happen to long captions.
     *
     * @return the limit, or null if there was none
     */
    public @Nullable CaptionLimit limit() {
        return notes.limit();
    }

    /** How many were longer than the limit, and so cut, or left out and not among these. */
    public int longer() {
        return notes.longer();
    }

    /**
     * What was left out of them because a vocabulary lacks it.
     *
     * @return how much of the text, or null where nothing was to be left out
     */
    public @Nullable UnknownCharacters unknown() {
        return notes.unknown();
    }

    /**
     * What was made of their characters.
     *
     * @return the preprocessing, which a vocabulary of theirs keeps
     */
    public Preprocessing preprocessing() {
        return notes.preprocessing();
    }

    /**
     * What was left out of them because the alphabet lacks it.
     *
     * @return how much of the text, or null where there is no alphabet
     */
    public @Nullable UnknownCharacters outside() {
        return notes.outside();
    }

    /**
     * The same without characters that a vocabulary lacks; a caption of which nothing or only white space is left goes.
     *
     * @return other captions, at the lines where they were
     * @throws CharlstmException if none is left
     */
    public Captions known(Vocabulary vocabulary) {
        CaptionBuilder kept = new CaptionBuilder(source, null);
        int[] text = new int[MAX_LENGTH];
        long unknownCharacters = 0;
        Sources.Part part = null;
        for (int row = 0; row < rows.count(); row++) {
            if (!part(row).equals(part)) {
                part = part(row);
                kept.begin(part);
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
        if (kept.count() == 0) {
            throw new CharlstmException(source + " has no caption with a character that the model's vocabulary has");
        }
        Captions built = kept.build(notes.preprocessing(), null, notes.whole());
        return new Captions(source, built.sources, built.characters, built.rows,
                notes.known(built.skipped(), new UnknownCharacters(unknownCharacters, characters())));
    }

    /** How many characters (code points) they have together. */
    public long characters() {
        return switch (rows) {
            case Rows.Lines lines -> characters.length();
            // What overlaps is there once.
            case Rows.Windows windows -> (windows.count() - 1L) * Math.min(windows.stride(), windows.length())
                    + windows.length();
        };
    }

    /**
     * The place of a caption, for messages.
     *
     * @param index from 0
     */
    public String place(int index) {
        return part(index).place(line(index));
    }

    /** The file of a caption. */
    private Sources.Part part(int index) {
        return sources.part(rows.index(index));
    }

    /** The place of a character of a caption, or of a window, which may go over several lines and files. */
    String place(int index, int character) {
        long at = rows.start(index) + character;
        boolean lines = rows instanceof Rows.Lines;
        long line = lines ? line(index) : 1;
        for (long i = lines ? rows.start(index) : sources.start(at); i < at; i++) {
            line += characters.codePoint(characters.get(i)) == '\n' ? 1 : 0;
        }
        return (lines ? part(index) : sources.part(at)).place(line);
    }

    /**
     * The line of a caption in its file, that on which it begins; in COCO's JSON, which caption it is.
     *
     * @param index from 0
     * @return from 1
     */
    public int line(int index) {
        return rows.line(index, characters, sources);
    }

    /**
     * The number of a caption among all captions of its text, those included that are left out of these because they
     * are too long, or nothing of them is left. Blank lines are no captions, but in JSON blank captions are. A window
     * of running text has its own number.
     *
     * @param index from 0
     * @return from 0; the index itself where nothing has been left out before it
     */
    public int ordinal(int index) {
        return rows.ordinal(index);
    }

    /**
     * One of them alone.
     *
     * @param index from 0
     * @return that caption, or window, at the line where it is
     */
    public Captions only(int index) {
        Characters one = new Characters();
        long end = rows.start(index) + rows.length(index);
        for (long at = rows.start(index); at < end; at++) {
            one.add(characters.codePoint(characters.get(at)));
        }
        Sources of = new Sources();
        of.begin(part(index), 0);
        return new Captions(source, of, one,
                new Rows.Lines(1, new long[] {0, one.length()}, new int[] {line(index)},
                        new int[] {ordinal(index)}),
                notes);
    }

    Characters all() {
        return characters;
    }

    /**
     * How far each window of a running text begins behind the one before.
     *
     * @return in characters; 0 for captions
     */
    public int stride() {
        return rows instanceof Rows.Windows windows ? windows.stride() : 0;
    }

    Rows rows() {
        return rows;
    }

    Notes notes() {
        return notes;
    }

    /** Every character that a row has, and that all of them have so often at least, in order of first appearance. */
    int[] alphabet(int minCount) {
        long[] counts = new long[characters.distinct()];
        int[] numbers = new int[counts.length];
        int found = 0;
        long at = 0;
        // Windows may leave characters out, and overlap.
        for (int row = 0; row < rows.count() && (found < counts.length || minCount > 1); row++) {
            long end = rows.start(row) + rows.length(row);
            for (at = Math.max(at, rows.start(row)); at < end; at++) {
                int number = characters.get(at);
                if (counts[number]++ == 0) {
                    numbers[found++] = number;
                }
            }
        }
        return Arrays.stream(numbers, 0, found).filter(number -> counts[number] >= minCount)
                .map(characters::codePoint).toArray();
    }
}
