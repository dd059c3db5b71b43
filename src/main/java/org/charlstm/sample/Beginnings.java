package org.charlstm.sample;

import java.util.Collections;
import java.util.List;
import org.charlstm.CharlstmException;
import org.charlstm.Quantity;
import org.charlstm.Setting;
import org.charlstm.text.Features;
import org.charlstm.text.Vocabulary;
import org.jspecify.annotations.Nullable;

/**
 * How sentences begin: as many with each text as is said, then as many with the next.
 *
 * @param texts  at least one; an empty one begins with the start symbol, or where there is none with a symbol that is
 *               drawn by how often the learned text has it, if the vocabulary has counts
 * @param each   how many sentences begin with each, at least 1
 * @param source where the texts stand, one a line, for messages; null for a single one
 * @param about  what the sentences of each text are about, a row of features for each; null for nothing
 */
public record Beginnings(List<String> texts, int each, @Nullable String source, @Nullable Features about) {
    /** Refuses what begins nothing. */
    public Beginnings {
        texts = List.copyOf(texts);
        if (texts.isEmpty() || each < 1) {
            throw new IllegalArgumentException(texts.size() + " beginnings, " + each + " sentences of each; there must "
                    + "be at least 1");
        }
        if (about != null && about.rows() != texts.size()) {
            throw new IllegalArgumentException(texts.size() + " beginnings about " + about.rows() + " rows");
        }
    }

    /**
     * Beginnings of sentences about nothing.
     *
     * @param texts  at least one
     * @param each   how many sentences begin with each, at least 1
     * @param source where the texts stand, one a line, for messages; null for a single one
     */
    public Beginnings(List<String> texts, int each, @Nullable String source) {
        this(texts, each, source, null);
    }

    /**
     * The same for sentences about something.
     *
     * @param features a row for each text, or of a single text for as many beginnings with it
     * @throws CharlstmException if there are other numbers of texts and rows
     */
    public Beginnings about(Features features) {
        List<String> all = texts.size() == 1 ? Collections.nCopies(features.rows(), texts.getFirst()) : texts;
        if (features.rows() != all.size()) {
            throw new CharlstmException(source + " has " + Quantity.of(all.size(), "lines") + ", but "
                    + features.source() + " has " + Quantity.of(features.rows(), "rows")
                    + "; each beginning needs a row").mendedBy(Setting.BEGINNINGS, Setting.CONDITION);
        }
        return new Beginnings(all, each, source, features);
    }

    /** How many features a sentence has. */
    int features() {
        return about == null ? 0 : about.columns();
    }

    /**
     * One beginning for all sentences.
     *
     * @param text may be empty where there is a start symbol, or the vocabulary has counts
     */
    public static Beginnings all(String text) {
        return new Beginnings(List.of(text), Integer.MAX_VALUE, null);
    }

    /** The ids of each; refuses those that no sentence can begin with. */
    List<int[]> encode(Vocabulary vocabulary, int maxLength) {
        int[][] ids = new int[texts.size()][];
        for (int i = 0; i < ids.length; i++) {
            String place = source == null ? "the beginning" : source + ", line " + (i + 1);
            ids[i] = vocabulary.encode(texts.get(i), place);
            if (ids[i].length == 0 && !vocabulary.hasMarkers() && vocabulary.counts() == null) {
                throw new CharlstmException((source == null ? "" : place + " is empty, and ")
                        + "the model has no start symbol to begin with; give a beginning").mendedBy(Setting.BEGINNING);
            }
            if (ids[i].length > maxLength) {
                throw new CharlstmException(place + " has " + ids[i].length + " characters, more than the " + maxLength
                        + " that a sentence may have; allow more").mendedBy(Setting.TEXT_LENGTH);
            }
        }
        return List.of(ids);
    }
}
