package org.charlstm.sample.streams;

import org.charlstm.base.Refuse;
import org.charlstm.sample.SamplingOptions;
import org.jspecify.annotations.Nullable;

/**
 * A text to be written or read by a model.
 *
 * @param given    ids of the first symbols; not copied
 * @param options  for the symbols after those; the beginning and the window in them are not read
 * @param sentence the number of the sentence, by which its symbols are drawn, from 0
 * @param hidden   whether the receiver wants the outputs of the recurrent layers
 * @param about    as many features as the model takes; not copied
 * @param from     the first state; null for zeros, or what the model makes of the features
 */
public record TextPlan(int[] given, SamplingOptions options, int sentence, boolean hidden, double[] about,
        @Nullable TextState from) {
    /** Refuses a negative number, and more given symbols than the text may have. */
    public TextPlan {
        Refuse.argumentIf(sentence < 0 || given.length > options.maxLength(),
                "sentence " + sentence + " of " + given.length + " given symbols, " + options.maxLength() + " in all");
    }

    /** A text of at least one symbol that is only read. */
    public static TextPlan reading(int[] symbols, double[] about, boolean hidden) {
        return new TextPlan(symbols, SamplingOptions.DEFAULT.maxLength(symbols.length), 0, hidden, about, null);
    }

    /** Whether the last symbol is fed too, though nothing follows it. */
    boolean feedsLast() {
        return options.keepState() || hidden;
    }
}
