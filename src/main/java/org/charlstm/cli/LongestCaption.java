package org.charlstm.cli;

import java.util.Locale;
import java.util.Optional;
import org.charlstm.text.Corpus;
import org.charlstm.text.Lengths;

/** What a few captions that are far longer than the others cost: all are padded to the longest. */
final class LongestCaption {
    /** So many times the median is far longer. */
    private static final int FAR = 4;
    /** What a shorter limit is to leave of the captions, at least. */
    private static final double MOST = 0.99;

    private LongestCaption() {
    }

    /** A line for whoever trains on captions; empty where it is not worth one. */
    static Optional<String> line(Corpus corpus) {
        Lengths lengths = corpus.lengths();
        int median = lengths.quantile(0.5);
        int longest = lengths.quantile(1);
        if (!corpus.vocabulary().hasMarkers() || corpus.steps() <= FAR * (median + 1)) {
            return Optional.empty();
        }
        int limit = lengths.quantile(MOST);
        return Optional.of(String.format(Locale.ROOT,
                "the longest caption has %,d characters, the median %,d: %.0f%% of all steps are padding; %s", longest,
                median, 100 * lengths.padding(corpus.steps()),
                limit > longest / 2 ? "--max-caption N leaves out captions of more than N"
                        : String.format(Locale.ROOT, "--max-caption %d would leave out %,d of them", limit,
                                lengths.longerThan(limit))));
    }
}
