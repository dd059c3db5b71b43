package org.charlstm.sample.step;

import org.charlstm.text.Vocabulary;
import org.jspecify.annotations.Nullable;

/** A text that ends a sentence, and its Knuth-Morris-Pratt search; the state is the number of matching symbols. */
public final class StopText {
    private final int[] text;
    /** shorter[i - 1]: after i symbols matched and the next does not, the number of symbols that still match. */
    private final int[] shorter;

    /** A text of at least one symbol. */
    public StopText(int[] text) {
        this.text = text.clone();
        shorter = new int[text.length];
        for (int i = 1; i < text.length; i++) {
            shorter[i] = next(shorter[i - 1], text[i]);
        }
    }

    /** The text's search; null if the text is empty. */
    public static @Nullable StopText of(String text, Vocabulary vocabulary) {
        return text.isEmpty() ? null : new StopText(vocabulary.encode(text, "the text to stop at"));
    }

    public int length() {
        return text.length;
    }

    /** The number of symbols that match after a further symbol. The number before must be less than the length. */
    public int next(int matching, int symbol) {
        int still = matching;
        while (still > 0 && text[still] != symbol) {
            still = shorter[still - 1];
        }
        return text[still] == symbol ? still + 1 : still;
    }
}
