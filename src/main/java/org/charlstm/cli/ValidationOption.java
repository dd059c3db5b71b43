package org.charlstm.cli;

import java.nio.file.Path;
import org.charlstm.CharlstmException;
import org.charlstm.run.TrainingText;
import org.charlstm.text.Captions;
import org.charlstm.text.Corpus;
import org.charlstm.text.Vocabulary;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Captions that a model is held against after each epoch and does not learn. */
final class ValidationOption {
    @Option(names = "--validation", paramLabel = "TEXT",
            description = "Print and keep the loss on these captions after each epoch. Default: none.")
    private @Nullable Path text;

    @Option(names = "--validation-split", paramLabel = "X", defaultValue = "0",
            description = "Learn all but this share of the captions, the last ones, and print and keep the loss on "
                    + "those after each epoch. Default: ${DEFAULT-VALUE}.")
    private double share;

    @Mixin
    private UnknownOption unknown;

    /** Whether there is any. */
    boolean isGiven() {
        return text != null || share > 0;
    }

    void check() {
        unknown.check();
        if (unknown.skips() && text == null) {
            throw new UsageException("--unknown is skip, but there is no --validation text; leave it out");
        }
        if (!(share >= 0 && share < 1)) {
            throw new UsageException("--validation-split is " + share + "; it must be a share from 0 to below 1");
        }
        if (text != null && share > 0) {
            throw new UsageException("--validation and --validation-split are both given; leave one out");
        }
    }

    /** Reads what to hold against, or splits it off. */
    TrainingText split(Captions captions, Corpus corpus, TextOptions options, Console console) {
        if (text != null) {
            Vocabulary known = unknown.kept(corpus.vocabulary());
            Captions validation = corpus.vocabulary().hasMarkers() ? options.allCaptions(text, known, console)
                    : options.allWindows(text, corpus.steps() + 1, corpus.steps(), known, console);
            return new TrainingText(captions, corpus, UnknownOption.refusing(() -> Corpus.encode(validation,
                    corpus.vocabulary(), corpus.steps())), validation.source());
        }
        TrainingText all = new TrainingText(captions, corpus, null, null);
        int held = (int) Math.round(share * corpus.rows());
        if (share == 0) {
            return all;
        }
        if (held == 0 || held == corpus.rows()) {
            throw new CharlstmException("--validation-split " + share + " of " + corpus.rows() + " captions leaves "
                    + (held == 0 ? "none to hold back" : "none to learn") + "; give more captions or another share");
        }
        return all.holdingBack(held);
    }
}
