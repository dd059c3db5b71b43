package org.charlstm.cli;

import java.nio.file.Path;
import java.util.List;
import org.charlstm.CharlstmException;
import org.charlstm.Counted;
import org.charlstm.io.FeatureFile;
import org.charlstm.run.TrainingText;
import org.charlstm.text.Captions;
import org.charlstm.text.Corpus;
import org.charlstm.text.Features;
import org.charlstm.text.TextInput;
import org.charlstm.text.Vocabulary;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Captions that a model is held against, after each epoch or at the end, and does not learn. */
final class ValidationOption {
    @Option(names = "--validation", paramLabel = "TEXT",
            description = "Print and keep the loss on these captions after each epoch. Default: none.")
    private @Nullable Path text;

    @Option(names = "--validation-split", paramLabel = "X", defaultValue = "0",
            description = "Learn all but this share of the captions, the last ones, and print and keep the loss on "
                    + "those after each epoch. Default: ${DEFAULT-VALUE}.")
    private double share;

    @Option(names = "--test-split", paramLabel = "X", defaultValue = "0",
            description = "Neither learn nor validate on this share of the captions, the last ones, and print and keep "
                    + "the loss of the best model on those, once, at the end. Default: ${DEFAULT-VALUE}.")
    private double testShare;

    @Option(names = "--validation-condition", paramLabel = "FILE", description = "What the captions of --validation "
            + "are about, as --condition has it for those that are learned.")
    private @Nullable Path condition;

    @Mixin
    private UnknownOption unknown;

    /** Whether there is any. */
    boolean isGiven() {
        return text != null || share > 0;
    }

    void check(@Nullable List<Path> learned, boolean conditioned) {
        if (condition != null && (text == null || !conditioned)) {
            throw new UsageException("--validation-condition is " + condition + ", but there is no "
                    + (text == null ? "--validation text" : ConditionOption.NAME) + "; leave it out");
        }
        if (condition == null && text != null && conditioned) {
            throw new UsageException("give what the captions of " + text + " are about with --validation-condition "
                    + "FILE, as " + ConditionOption.NAME + " does for those that are learned");
        }
        unknown.check();
        if (TextInput.STANDARD_INPUT.equals(text) && learned != null && learned.contains(text)) {
            throw new UsageException("--validation is -, and so is the text; standard input is read once");
        }
        if (unknown.skips() && text == null) {
            throw new UsageException("--unknown is skip, but there is no --validation text; leave it out");
        }
        if (!(share >= 0 && share < 1)) {
            throw new UsageException("--validation-split is " + share + "; it must be a share from 0 to below 1");
        }
        if (!(testShare >= 0 && testShare < 1)) {
            throw new UsageException("--test-split is " + testShare + "; it must be a share from 0 to below 1");
        }
        if (!(share + testShare < 1)) {
            throw new UsageException("--test-split is " + testShare + " and --validation-split " + share
                    + "; together they must be below 1");
        }
        if (text != null && share > 0) {
            throw new UsageException("--validation and --validation-split are both given; leave one out");
        }
    }

    /** Reads what to hold against, of running text in windows of that stride, or splits it off. */
    TrainingText split(Captions captions, Corpus corpus, TextOptions options, int stride, Console console) {
        int tested = rows("--test-split", testShare, corpus.rows());
        int held = rows("--validation-split", share, corpus.rows());
        if (tested + held >= corpus.rows()) {
            throw new CharlstmException((held > 0 ? "--validation-split " + share : "--test-split " + testShare)
                    + (held > 0 && tested > 0 ? " and --test-split " + testShare : "") + " of "
                    + Counted.of(corpus.rows(), "captions")
                    + " leaves none to learn; give more captions or another share");
        }
        TrainingText all = new TrainingText(captions, corpus, null, null);
        TrainingText learned = tested == 0 ? all : all.testing(tested);
        if (text == null) {
            return held == 0 ? learned : learned.holdingBack(held);
        }
        Vocabulary known = unknown.kept(corpus.vocabulary());
        Captions validation =
                corpus.vocabulary().hasMarkers() ? options.allCaptions(text, corpus.vocabulary(), known, console)
                        : options.allWindows(text, corpus.steps() + 1, stride, corpus.vocabulary(), known,
                                console);
        Corpus heldAgainst = UnknownOption.refusing(() -> Corpus.encode(validation, corpus.vocabulary(),
                corpus.steps()));
        return new TrainingText(captions, learned.corpus(),
                condition == null ? heldAgainst : with(heldAgainst, condition, corpus.features()), validation.source(),
                learned.test());
    }

    private static Corpus with(Corpus corpus, Path condition, int columns) {
        Features features = FeatureFile.read(condition);
        if (features.columns() != columns) {
            throw new CharlstmException(features.source() + " has " + Counted.of(features.columns(), "features")
                    + " in a row, but what is learned has " + columns).mendedBy("validation-condition");
        }
        return corpus.with(features);
    }

    /** How many rows a share is. */
    private static int rows(String option, double share, int all) {
        int rows = (int) Math.round(share * all);
        if (share > 0 && rows == 0) {
            throw new CharlstmException(
                    option + " " + share + " of " + Counted.of(all, "captions") + " leaves none to hold back; give "
                            + "more captions or another share");
        }
        return rows;
    }
}
