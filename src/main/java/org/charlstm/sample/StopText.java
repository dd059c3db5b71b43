package org.charlstm.sample;

import org.charlstm.text.Vocabulary;
import org.jspecify.annotations.Nullable;

/**
 * A text at which a sentence ends, looked for as Knuth, Morris and Pratt do: what has been written of it so far is held
 * back, and needs no more memory than how many symbols that are.
 */
final class StopText {
    private final int[] text;
    /** By how many of its symbols match: how many still do, where the next symbol is another. */
    private final int[] shorter;

    /** Of at least one symbol. */
    StopText(int[] text) {
        this.text = text.clone();
        shorter = new int[text.length];
        for (int i = 1; i < text.length; i++) {
            shorter[i] = next(shorter[i - 1], text[i]);
        }
    }

    /** None where the text is empty. */
    static @Nullable StopText of(String text, Vocabulary vocabulary) {
        return text.isEmpty() ? null : new StopText(vocabulary.encode(text, "the text to stop at"));
    }

    int length() {
        return text.length;
    }

    int symbol(int at) {
        return text[at];
    }

    /** How many symbols match after a further one, where so many, fewer than all, did before. */
    int next(int matching, int symbol) {
        int still = matching;
        while (still > 0 && text[still] != symbol) {
            still = shorter[still - 1];
        }
        return text[still] == symbol ? still + 1 : still;
    }
}
