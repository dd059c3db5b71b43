package org.charlstm.sample.streams;

import org.charlstm.base.Refuse;
import org.charlstm.sample.SamplingOptions;
import org.jspecify.annotations.Nullable;

/**
 * A text that a model writes or reads. Arrays are not copied.
 *
 * @param given    the ids of the first symbols
 * @param options  the options for the symbols after these; their beginning and window are ignored
 * @param sentence the number of the sentence, from 0, by which its symbols are drawn
 * @param hidden   whether the receiver wants the outputs of the recurrent layers
 * @param about    the features, as many features as the model takes
 * @param from     the initial state; null for zeros, or for the model's projection of the features
 */
public record TextPlan(int[] given, SamplingOptions options, int sentence, boolean hidden, double[] about,
        @Nullable TextState from) {
    /** Refuses a negative sentence number, and more given symbols than the text may have. */
    public TextPlan {
        Refuse.argumentIf(sentence < 0 || given.length > options.maxLength(),
                "sentence " + sentence + " of " + given.length + " given symbols, " + options.maxLength() + " in all");
    }

    /** A text of at least one symbol that is only read. */
    public static TextPlan reading(int[] symbols, double[] about, boolean hidden) {
        return new TextPlan(symbols, SamplingOptions.DEFAULT.maxLength(symbols.length), 0, hidden, about, null);
    }

    /** Whether the last symbol is fed too, although no symbol follows. */
    boolean feedsLast() {
        return options.keepState() || hidden;
    }
}
