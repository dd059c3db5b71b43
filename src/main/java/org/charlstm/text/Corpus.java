package org.charlstm.text;

import java.util.Arrays;
import org.charlstm.CharlstmException;

/**
 * Captions as ids. A caption's row is the start symbol, its characters, and end symbols up to T + 1 symbols; its input
 * is the first T of them, its target the last T: the same sequence shifted by one. Where the vocabulary has no start
 * and end, a row is T + 1 characters of running text.
 */
public final class Corpus {
    private final Vocabulary vocabulary;
    private final int rows;
    private final int steps;
    private final int[] ids;

    private Corpus(Vocabulary vocabulary, int rows, int steps, int[] ids) {
        this.vocabulary = vocabulary;
        this.rows = rows;
        this.steps = steps;
        this.ids = ids;
    }

    /**
     * Encodes captions, padded to the longest of them.
     *
     * @param captions   the captions
     * @param vocabulary the symbols
     * @return the corpus, with T one more than the longest caption's length
     * @throws CharlstmException if a character is not in the vocabulary, or the corpus does not fit in memory
     */
    public static Corpus encode(Captions captions, Vocabulary vocabulary) {
        return encode(captions, vocabulary, 1);
    }

    /**
     * Encodes captions, padded to the longest of them or further.
     *
     * @param captions   the captions, or the windows of a running text, which are all of one length
     * @param vocabulary the symbols
     * @param minSteps   the least T, for captions
     * @return the corpus
     * @throws CharlstmException if a character is not in the vocabulary, or the corpus does not fit in memory
     */
    public static Corpus encode(Captions captions, Vocabulary vocabulary, int minSteps) {
        int longest = captions.texts().stream().mapToInt(text -> text.codePointCount(0, text.length())).max()
                .orElseThrow();
        int steps = vocabulary.hasMarkers() ? Math.max(longest + 1, minSteps) : longest - 1;
        long size = (long) captions.size() * (steps + 1L);
        if (size > Integer.MAX_VALUE - 8) {
            throw new CharlstmException(captions.source() + ": " + captions.size() + " captions of up to " + longest
                    + " characters are more than fits in one corpus; take fewer").mendedBy("max-samples");
        }
        int[] ids = new int[(int) size];
        if (vocabulary.hasMarkers()) {
            Arrays.fill(ids, vocabulary.end());
        }
        for (int n = 0; n < captions.size(); n++) {
            int[] text = vocabulary.encode(captions.texts().get(n), captions.place(n));
            int row = n * (steps + 1);
            if (vocabulary.hasMarkers()) {
                ids[row++] = vocabulary.start();
            } else if (text.length != steps + 1 || steps < 1) {
                throw new IllegalArgumentException(captions.place(n) + ": a window of " + text.length
                        + " characters where " + Math.max(2, steps + 1) + " belong");
            }
            System.arraycopy(text, 0, ids, row, text.length);
        }
        return new Corpus(vocabulary, captions.size(), steps, ids);
    }

    /**
     * Some of the rows.
     *
     * @param from the first, from 0
     * @param to   the one after the last
     * @return a copy of them, with as many time steps
     */
    public Corpus part(int from, int to) {
        return new Corpus(vocabulary, to - from, steps,
                Arrays.copyOfRange(ids, from * (steps + 1), to * (steps + 1)));
    }

    /**
     * The symbols.
     *
     * @return the vocabulary that the ids are of
     */
    public Vocabulary vocabulary() {
        return vocabulary;
    }

    /**
     * How many captions there are.
     *
     * @return N
     */
    public int rows() {
        return rows;
    }

    /**
     * How many time steps each has.
     *
     * @return T
     */
    public int steps() {
        return steps;
    }

    /**
     * All rows, the array itself: N x (T + 1).
     *
     * @return the ids
     */
    public int[] ids() {
        return ids;
    }

    /**
     * A caption's input.
     *
     * @param row from 0
     * @return T ids
     */
    public int[] input(int row) {
        return Arrays.copyOfRange(ids, row * (steps + 1), row * (steps + 1) + steps);
    }

    /**
     * A caption's target.
     *
     * @param row from 0
     * @return T ids
     */
    public int[] target(int row) {
        return Arrays.copyOfRange(ids, row * (steps + 1) + 1, (row + 1) * (steps + 1));
    }
}
