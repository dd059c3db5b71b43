package org.charlstm.sample;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.base.Quantity;
import org.charlstm.base.Refuse;
import org.charlstm.base.Setting;
import org.charlstm.text.Features;
import org.charlstm.text.Vocabulary;
import org.jspecify.annotations.Nullable;

/**
 * The beginnings of sentences: the first {@code each} sentences begin with the first text, and so on.
 *
 * @param texts  at least one text; an empty text stands for the start symbol, or, in a vocabulary without, for a symbol
 *               drawn by {@link Vocabulary#counts}
 * @param each   the number of sentences with each text, at least 1
 * @param source the file that has one text in each line, for messages; null for a single text
 * @param about  a row of features for each text; null for none
 */
public record Beginnings(List<String> texts, int each, @Nullable String source, @Nullable Features about) {
    /** Refuses empty lists, no sentences, and features with another number of rows. */
    public Beginnings {
        texts = List.copyOf(texts);
        Refuse.argumentIf(texts.isEmpty() || each < 1,
                texts.size() + " beginnings, " + each + " sentences of each; there must be at least 1");
        if (about != null && about.rows() != texts.size()) {
            throw new IllegalArgumentException(texts.size() + " beginnings about " + about.rows() + " rows");
        }
    }

    /** Beginnings without features. */
    public Beginnings(List<String> texts, int each, @Nullable String source) {
        this(texts, each, source, null);
    }

    /** The same with a row of features for each text; a single text serves all. Fails at another number of rows. */
    public Beginnings about(Features features) {
        List<String> all = texts.size() == 1 ? Collections.nCopies(features.rows(), texts.getFirst()) : texts;
        if (features.rows() != all.size()) {
            throw new CharlstmException(source + " has " + Quantity.of(all.size(), "lines") + ", but "
                    + features.source() + " has " + Quantity.of(features.rows(), "rows")
                    + "; each beginning needs a row").mendedBy(Setting.BEGINNINGS, Setting.CONDITION);
        }
        return new Beginnings(all, each, source, features);
    }

    /** The number of features of each sentence. */
    int features() {
        return about == null ? 0 : about.columns();
    }

    /** One beginning for all sentences. The text may be empty if the vocabulary has a start symbol or counts. */
    public static Beginnings all(String text) {
        return new Beginnings(List.of(text), Integer.MAX_VALUE, null);
    }

    /** The ids of each text; refuses texts that no sentence can begin with. */
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
