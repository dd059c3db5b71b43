package org.charlstm.cli;

import java.util.Objects;
import org.charlstm.CharlstmException;
import org.charlstm.Quantity;
import org.charlstm.run.TrainingText;
import org.charlstm.text.Captions;
import org.charlstm.text.Corpus;
import picocli.CommandLine.Option;

/** Which of a text's captions, the last ones, are held back from training. */
final class SplitOptions {
    @Option(names = "--validation-split", paramLabel = "X", defaultValue = "0",
            description = "The share of the captions, the last ones, that is held back: train learns the others, and "
                    + "prints and keeps the loss on these after each epoch; eval takes these alone. "
                    + "Default: ${DEFAULT-VALUE}.")
    private double share;

    @Option(names = "--test-split", paramLabel = "X", defaultValue = "0",
            description = "The share of the captions, the last ones after those for validation, that train neither "
                    + "learns nor validates on, and prints and keeps the loss of the best model on, once, at the end; "
                    + "without --validation-split, eval takes these alone. Default: ${DEFAULT-VALUE}.")
    private double testShare;

    boolean isForValidation() {
        return share > 0;
    }

    void check() {
        UsageException.requireFraction("--validation-split", share);
        UsageException.requireFraction("--test-split", testShare);
        if (!(share + testShare < 1)) {
            throw new UsageException("--test-split is " + testShare + " and --validation-split " + share
                    + "; together they must be below 1");
        }
    }

    /** The part that train with the same options is validated on, or else tested; all of it where there is none. */
    Corpus heldBack(Captions captions, Corpus corpus) {
        TrainingText split = split(captions, corpus);
        return Objects.requireNonNullElse(split.validation(), Objects.requireNonNullElse(split.test(), corpus));
    }

    /** The text, divided into a part to learn and parts that are held back. */
    TrainingText split(Captions captions, Corpus corpus) {
        int tested = rows("--test-split", testShare, corpus.rows());
        int held = rows("--validation-split", share, corpus.rows());
        if (tested + held >= corpus.rows()) {
            throw new CharlstmException((held > 0 ? "--validation-split " + share : "--test-split " + testShare)
                    + (held > 0 && tested > 0 ? " and --test-split " + testShare : "") + " of "
                    + Quantity.of(corpus.rows(), "captions")
                    + " leaves none to learn; give more captions or another share");
        }
        TrainingText all = new TrainingText(captions, corpus, null, null);
        TrainingText learned = tested == 0 ? all : all.testing(tested);
        return held == 0 ? learned : learned.holdingBack(held);
    }

    /** How many rows a share is. */
    private static int rows(String option, double share, int all) {
        int rows = (int) Math.round(share * all);
        if (share > 0 && rows == 0) {
            throw new CharlstmException(
                    option + " " + share + " of " + Quantity.of(all, "captions") + " leaves none to hold back; give "
                            + "more captions or another share");
        }
        return rows;
    }
}
