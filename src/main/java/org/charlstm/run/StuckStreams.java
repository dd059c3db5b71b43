package org.charlstm.run;

import java.util.Arrays;
import java.util.DoubleSummaryStatistics;
import java.util.Locale;
import java.util.Optional;

/** Tells of streams whose carried state has run away: they do worse than guessing, and the others do not. */
final class StuckStreams {
    /** Of the loss of guesses, ln V: running text is not so surprising over a whole window. */
    private static final double WORSE = 1.5;

    private StuckStreams() {
    }

    /**
     * A line, if there are any.
     *
     * @param losses  of each stream at the end of an epoch
     */
    static Optional<String> of(double[] losses, int symbols, int epoch) {
        double[] sorted = losses.clone();
        Arrays.sort(sorted);
        double median = sorted.length == 0 ? 0 : sorted[sorted.length / 2];
        DoubleSummaryStatistics stuck = Arrays.stream(losses)
                .filter(loss -> loss > Math.max(2 * median, WORSE * Math.log(symbols))).summaryStatistics();
        return stuck.getCount() == 0 ? Optional.empty() : Optional.of(String.format(Locale.ROOT,
                "%d of %d streams %s worse than guesses at the end of epoch %d: a loss of %.1f, where the median "
                        + "stream has %.1f; either the text there is unlike the rest, or the carried state has run "
                        + "away: try a lower learning rate, or clip gradients",
                stuck.getCount(), losses.length, stuck.getCount() == 1 ? "does" : "do", epoch, stuck.getAverage(),
                median));
    }
}
