package org.charlstm.sample;

import org.jspecify.annotations.Nullable;

/**
 * A text that is to go through a model.
 *
 * @param given    ids of the symbols that it begins with; not copied
 * @param options  how it goes on behind them, and up to which length or text; the beginning in them is not read, nor is
 *                 the window, which is the model's
 * @param sentence its number, by which its symbols are drawn: from 0
 * @param hidden   whether the LSTMs' outputs are wanted
 * @param about    what it is about, as many features as the model takes, none for one that takes none; not copied
 * @param from     what it begins from; null for zeros, or what the model makes of the features
 */
public record TextPlan(int[] given, SamplingOptions options, int sentence, boolean hidden, double[] about,
        @Nullable TextState from) {
    /** Refuses what cannot be. */
    public TextPlan {
        if (sentence < 0 || given.length > options.maxLength()) {
            throw new IllegalArgumentException("sentence " + sentence + " of " + given.length + " given symbols, "
                    + options.maxLength() + " in all");
        }
    }

    /**
     * A text of which nothing is drawn.
     *
     * @param symbols all of it, at least one
     * @param hidden  whether the LSTMs' outputs are wanted
     */
    public static TextPlan reading(int[] symbols, double[] about, boolean hidden) {
        return new TextPlan(symbols, SamplingOptions.DEFAULT.maxLength(symbols.length), 0, hidden, about, null);
    }

    /** Whether the last symbol is fed too, though nothing follows it. */
    boolean feedsLast() {
        return options.keepState() || hidden;
    }
}
