package org.charlstm.cli.model;

import module java.base;
import org.charlstm.base.Quantity;
import org.charlstm.cli.options.UnknownOption;
import org.charlstm.nn.Prediction;
import org.charlstm.run.TrainingRun;
import org.charlstm.run.TrainingText;
import org.charlstm.text.CaptionLimit;
import org.charlstm.text.Captions;
import org.charlstm.text.Corpus;
import org.charlstm.text.UnknownCharacters;
import org.charlstm.train.PaddingMode;
import org.charlstm.train.TrainingOptions;

/** Describes an encoded text to people: the parts left out, and the share of padding. */
public final class CorpusSummary {
    /** A caption that is this many times as long as the median counts as far longer. */
    private static final int FAR = 4;
    /** The least share of captions that a suggested limit must keep. */
    private static final double KEPT = 0.99;

    private CorpusSummary() {
    }

    /** Describes the text of a run, and the texts held back from it. */
    public static List<String> lines(TrainingRun run) {
        List<String> lines = new ArrayList<>();
        TrainingText text = run.text();
        Captions captions = text.captions();
        Corpus corpus = text.corpus();
        int symbols = corpus.vocabulary().size();
        lines.add(Quantity.of(captions.size(), text.unit()) + " from " + captions.source() + ", "
                + Quantity.of(captions.characters(), "characters") + changes(corpus));
        lines.add(String.format(Locale.ROOT, "inputs (%d, %d, %d), targets (%d, %s%d)", corpus.rows(), corpus.steps(),
                symbols, corpus.rows(),
                run.model().config().prediction() == Prediction.LAST ? "" : corpus.steps() + ", ", symbols));
        if (run.setup().training().padding() == PaddingMode.LAB) {
            longestCaption(corpus).ifPresent(lines::add);
        } else {
            lines.add(padding(corpus, run.setup().training()));
        }
        Corpus validation = text.validation();
        if (validation != null) {
            lines.add(Quantity.of(validation.rows(), text.unit()) + " from " + text.validationSource()
                    + " for validation" + (validation.captions() == captions ? "" : changes(validation)));
        }
        Corpus test = text.test();
        if (test != null) {
            lines.add(Quantity.of(test.rows(), text.unit()) + " from the last of " + captions.source()
                    + " for the test");
        }
        return lines;
    }

    /** The lines and characters that were left out or replaced, in parentheses; empty if there are none. */
    public static String changes(Corpus corpus) {
        Captions captions = corpus.captions();
        List<String> parts = new ArrayList<>();
        if (captions.skipped() > 0) {
            parts.add(captions.outside() == null && captions.unknown() == null
                    ? Quantity.of(captions.skipped(), "blank lines") + " skipped"
                    : Quantity.of(captions.skipped(), "lines") + " skipped, blank or left without a character");
        }
        CaptionLimit limit = captions.limit();
        if (limit != null) {
            parts.add(Quantity.of(captions.longer(), "captions") + " of more than "
                    + Quantity.of(limit.length(), "characters") + (limit.cut() ? " cut" : " left out"));
        }
        UnknownCharacters outside = captions.outside();
        if (outside != null) {
            parts.add(String.format(Locale.ROOT, "%,d of %s left out, which the alphabet lacks", outside.skipped(),
                    Quantity.of(outside.total(), "characters")));
        }
        if (corpus.vocabulary().preprocessing().minCount() > 0) {
            parts.add(Quantity.of(corpus.replaced(), "characters") + " too rare, now U+FFFD");
        }
        if (captions.unknown() != null) {
            parts.add(UnknownOption.leftOut(captions.unknown()));
        }
        return parts.isEmpty() ? "" : " (" + String.join(", ", parts) + ")";
    }

    /** Advice if a few captions are far longer than the others, since all captions are padded to the longest. */
    private static Optional<String> longestCaption(Corpus corpus) {
        Corpus.Lengths lengths = corpus.lengths();
        int median = lengths.quantile(0.5);
        int longest = lengths.quantile(1);
        if (!corpus.vocabulary().hasMarkers() || corpus.steps() <= FAR * (median + 1)) {
            return Optional.empty();
        }
        int limit = lengths.quantile(KEPT);
        return Optional.of(String.format(Locale.ROOT,
                "the longest caption has %,d characters, the median %,d: %.0f%% of all steps are padding; %s", longest,
                median, 100 * lengths.padding(corpus.steps()),
                limit > longest / 2 ? "--max-caption N leaves out captions of more than N"
                        : String.format(Locale.ROOT, "--max-caption %d would leave out %,d of them", limit,
                                lengths.longerThan(limit))));
    }

    /** The share of time steps that a padding mode computes, and the lengths of its batches. */
    private static String padding(Corpus corpus, TrainingOptions options) {
        SortedMap<Integer, Long> steps = options.stepsOfBatches(corpus);
        long real = IntStream.range(0, corpus.rows()).mapToLong(corpus::realSteps).sum();
        long computed = steps.values().stream().mapToLong(Long::longValue).sum();
        double all = (double) corpus.rows() * corpus.steps() / 100;
        return String.format(Locale.ROOT, "padding %s: %.0f %% of the time steps are real, %.0f %% are computed, in "
                + "batches of %s steps", options.padding(), real / all, computed / all,
                steps.keySet().stream().map(String::valueOf).collect(Collectors.joining(", ")));
    }
}
