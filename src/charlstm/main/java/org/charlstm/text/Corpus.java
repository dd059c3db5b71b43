package org.charlstm.text;

import module java.base;
import org.charlstm.base.Refuse;
import org.charlstm.device.CorpusRows;
import org.jspecify.annotations.Nullable;

/**
 * Captions as ids. A row has T + 1 symbols: the start symbol, the caption's characters, and end symbols as padding. A
 * row's input is its first T symbols; the target is its last T, the same sequence shifted by one. If the vocabulary has
 * no start and end, a row is T + 1 characters of running text.
 *
 * <p>A corpus makes rows on request from its captions' characters. A character takes one byte for up to 256 different
 * characters, two bytes up to 65,536, else three. A caption takes another 12 bytes, or 16 if a caption before it was
 * left out; a window takes none.
 */
public final class Corpus implements CorpusRows {
    private final Vocabulary vocabulary;
    private final Captions captions;
    /** The id of each character of the captions' alphabet; -1 if no row has the character. */
    private final int[] ids;
    private final int first;
    private final int count;
    private final int steps;
    private final @Nullable Features features;

    private Corpus(Vocabulary vocabulary, Captions captions, int[] ids, int steps) {
        this.vocabulary = vocabulary;
        this.captions = captions;
        this.ids = ids;
        this.steps = steps;
        first = 0;
        count = captions.size();
        features = null;
    }

    /** A part of another corpus. */
    private Corpus(Corpus of, int first, int count, @Nullable Features features) {
        vocabulary = of.vocabulary;
        captions = of.captions;
        ids = of.ids;
        steps = of.steps;
        this.first = first;
        this.count = count;
        this.features = features;
    }

    /**
     * Encodes captions; T is the longest caption's length plus one. Throws {@link Vocabulary.UnknownCharacterException}
     * if a character is not in the vocabulary.
     */
    public static Corpus encode(Captions captions, Vocabulary vocabulary) {
        return encode(captions, vocabulary, 1);
    }

    /** Encodes captions with a vocabulary of their own symbols. */
    public static Corpus encode(Captions captions) {
        return encode(captions, Vocabulary.of(captions));
    }

    /**
     * Encodes captions, padded to the longest or to at least {@code minSteps} time steps, or the equally long windows
     * of a running text. Fails if a character is not in the vocabulary, or if a caption may not have that many steps.
     */
    public static Corpus encode(Captions captions, Vocabulary vocabulary, int minSteps) {
        TextRows rows = captions.rows();
        int longest = 0;
        for (int row = 0; row < rows.count(); row++) {
            longest = Math.max(longest, rows.length(row));
        }
        int steps = vocabulary.hasMarkers() ? Math.max(longest + 1, minSteps) : longest - 1;
        Refuse.inputIf(steps > Captions.MAX_LENGTH + 1,
                captions.source() + ": " + steps + " time steps are more than " + (Captions.MAX_LENGTH + 1));
        for (int row = 0; row < rows.count() && !vocabulary.hasMarkers(); row++) {
            if (rows.length(row) != steps + 1 || steps < 1) {
                throw new IllegalArgumentException(captions.place(row) + ": a window of " + rows.length(row)
                        + " characters where " + Math.max(2, steps + 1) + " belong");
            }
        }
        int[] ids = ids(captions, vocabulary);
        return new Corpus(vocabulary.hasMarkers() ? vocabulary : vocabulary.counted(captions.all()), captions, ids,
                steps);
    }

    /** This corpus with features: one row for each caption of the text, also for captions left out. Fails otherwise. */
    public Corpus with(Features added) {
        added.requireRows(captions);
        return new Corpus(this, first, count, added);
    }

    @Override
    public int features() {
        return features == null ? 0 : features.columns();
    }

    /** Checks the number F of features, 0 for none. Throws {@link IllegalArgumentException} if F differs. */
    public void requireFeatures(int wanted) {
        Refuse.argumentIf(features() != wanted, "a corpus with " + features() + " features for a model of " + wanted);
    }

    @Override
    public void features(int row, float[] into) {
        Objects.requireNonNull(features, "a corpus without features").row(ordinal(row), into, 0);
    }

    private static int[] ids(Captions captions, Vocabulary vocabulary) {
        Characters characters = captions.all();
        int[] ids = new int[characters.distinct()];
        boolean complete = true;
        for (int number = 0; number < ids.length; number++) {
            ids[number] = vocabulary.symbol(characters.codePoint(number));
            complete &= ids[number] >= 0;
        }
        for (int row = 0; row < captions.size() && !complete; row++) {
            long start = captions.rows().start(row);
            for (int i = 0; i < captions.rows().length(row); i++) {
                int number = characters.get(start + i);
                if (ids[number] < 0) {
                    throw vocabulary.unknown(characters.codePoint(number), captions.place(row, i));
                }
            }
        }
        return ids;
    }

    /** A view of the rows {@code from} (inclusive) to {@code to} (exclusive), with the same number of time steps. */
    public Corpus part(int from, int to) {
        if (from < 0 || to <= from || to > count) {
            throw new IndexOutOfBoundsException("rows " + from + " to " + to + " of " + count);
        }
        return new Corpus(this, first + from, to - from, features);
    }

    /** The vocabulary of the ids. For running text it is {@link Vocabulary#counted} over the whole text. */
    public Vocabulary vocabulary() {
        return vocabulary;
    }

    /** The captions of the whole corpus, including captions that are not in this part. */
    public Captions captions() {
        return captions;
    }

    /** How many characters of all captions have no symbol and become {@link Vocabulary#UNKNOWN}. */
    public long replaced() {
        Characters characters = captions.all();
        boolean[] foreign = new boolean[ids.length];
        boolean any = false;
        for (int number = 0; number < ids.length; number++) {
            foreign[number] = ids[number] >= 0 && vocabulary.id(characters.codePoint(number)) < 0;
            any |= foreign[number];
        }
        long replaced = 0;
        for (int row = 0; row < captions.size() && any; row++) {
            long start = captions.rows().start(row);
            for (int i = 0; i < captions.rows().length(row); i++) {
                replaced += foreign[characters.get(start + i)] ? 1 : 0;
            }
        }
        return replaced;
    }

    @Override
    public int rows() {
        return count;
    }

    @Override
    public int steps() {
        return steps;
    }

    @Override
    public int end() {
        return vocabulary.hasMarkers() ? vocabulary.end() : -1;
    }

    /** The lengths of the captions of this part. */
    public Lengths lengths() {
        int[] counts = new int[Captions.MAX_LENGTH + 1];
        for (int row = first; row < first + count; row++) {
            counts[captions.rows().length(row)]++;
        }
        return new Lengths(counts);
    }

    /** How many time steps of a row are not padding: a caption's characters and one end symbol, or a whole window. */
    public int realSteps(int row) {
        return vocabulary.hasMarkers() ? captions.rows().length(first + row) + 1 : steps;
    }

    /** The number of a row's caption among all captions of its text, see {@link Captions#ordinal}. */
    public int ordinal(int row) {
        return captions.ordinal(first + row);
    }

    @Override
    public void row(int row, int[] into, int at) {
        TextRows rows = captions.rows();
        Characters characters = captions.all();
        long start = rows.start(first + row);
        int length = rows.length(first + row);
        int next = at;
        if (vocabulary.hasMarkers()) {
            into[next++] = vocabulary.start();
        }
        for (int i = 0; i < length; i++) {
            into[next++] = ids[characters.get(start + i)];
        }
        if (vocabulary.hasMarkers()) {
            Arrays.fill(into, next, at + steps + 1, vocabulary.end());
        }
    }

    private int[] row(int row) {
        int[] symbols = new int[steps + 1];
        row(row, symbols, 0);
        return symbols;
    }

    public int[] input(int row) {
        return Arrays.copyOf(row(row), steps);
    }

    public int[] target(int row) {
        return Arrays.copyOfRange(row(row), 1, steps + 1);
    }

    /** The distribution of captions' lengths in characters. */
    public static final class Lengths {
        private final int[] counts;

        /** Takes the number of captions of each length, starting at length 0. */
        Lengths(int[] counts) {
            this.counts = counts;
        }

        /** The smallest length that a share of the captions does not exceed: 0.5 gives the median, 1 the maximum. */
        public int quantile(double share) {
            double wanted = share * longerThan(-1);
            long seen = 0;
            int length = -1;
            while (length + 1 < counts.length && seen < wanted) {
                seen += counts[++length];
            }
            return length;
        }

        /** How many captions are longer than a length. */
        public long longerThan(int length) {
            long longer = 0;
            for (int i = length + 1; i < counts.length; i++) {
                longer += counts[i];
            }
            return longer;
        }

        /** The share of padding in rows of T steps: the steps after a caption's first end symbol. */
        public double padding(int steps) {
            double used = 0;
            for (int length = 0; length < counts.length; length++) {
                used += (length + 1.0) * counts[length];
            }
            return 1 - used / ((double) steps * longerThan(-1));
        }
    }
}
