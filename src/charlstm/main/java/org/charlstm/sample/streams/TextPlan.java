package org.charlstm.sample.streams;

import org.charlstm.base.Refuse;
import org.charlstm.sample.SamplingOptions;
import org.jspecify.annotations.Nullable;

/**
 * A text to be written or read by a model: given ids, options for the symbols after those, whose beginning and window
 * are not read, the number of the sentence by which its symbols are drawn, from 0, whether the receiver wants the
 * outputs of the recurrent layers, as many features as the model takes, and the first state, null for zeros or what the
 * model makes of the features. Arrays are not copied.
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
