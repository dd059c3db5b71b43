package org.charlstm.cli.options;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.base.Quantity;
import org.charlstm.base.Setting;
import org.charlstm.cli.console.Console;
import org.charlstm.cli.console.UsageException;
import org.charlstm.cli.options.TrainOption.Resumed;
import org.charlstm.cli.options.TrainOption.Section;
import org.charlstm.io.format.FeatureFile;
import org.charlstm.run.TrainingText;
import org.charlstm.text.Captions;
import org.charlstm.text.Corpus;
import org.charlstm.text.Features;
import org.charlstm.text.TextInput;
import org.charlstm.text.Vocabulary;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Captions that a model does not learn: it is validated on them after each epoch, or tested on them at the end. */
public final class ValidationOptions {
    @Option(names = "--validation", paramLabel = "TEXT",
            description = "Print and keep the loss on these captions after each epoch. Default: none.")
    @TrainOption(section = Section.TEXT, place = 7, resumed = Resumed.MOVED)
    private @Nullable Path text;

    @Mixin
    private Split split;

    @Option(names = "--validation-condition", paramLabel = "FILE", description = "A row of features for each caption "
            + "of --validation, as --condition gives for those that are learned.")
    @TrainOption(section = Section.TEXT, place = 11, resumed = Resumed.MOVED)
    private @Nullable Path condition;

    @Mixin
    private UnknownOption unknown;

    /** The shares of a text's captions that are held back from training, taken from the text's end. */
    public static final class Split {
        @Option(names = "--validation-split", paramLabel = "X", defaultValue = "0", description = "The share of the "
                + "captions, the last ones, that is held back: train learns the others, and prints and keeps "
                + "the loss on these after each epoch; eval takes these alone. Default: ${DEFAULT-VALUE}.")
        @TrainOption(section = Section.MOST_USED, place = 4, resumed = Resumed.SAME)
        private double share;

        @Option(names = "--test-split", paramLabel = "X", defaultValue = "0",
                description = "The share of the captions, the last ones after those for validation, that train neither "
                        + "learns nor validates on, and prints and keeps the loss of the best model on, once, at the "
                        + "end; without --validation-split, eval takes these alone. Default: ${DEFAULT-VALUE}.")
        @TrainOption(section = Section.TEXT, place = 9, resumed = Resumed.SAME)
        private double testShare;

        public void check() {
            requireShare("--validation-split", share);
            requireShare("--test-split", testShare);
            UsageException.when(!(share + testShare < 1),
                    "--test-split is %s and --validation-split %s; together they must be below 1", testShare, share);
        }

        private static void requireShare(String option, double share) {
            UsageException.when(!(share >= 0 && share < 1), "%s is %s; it must be from 0 to below 1", option, share);
        }

        /** The captions for validation, or else for the test; all captions if none are held back. */
        public Corpus heldBack(Captions captions, Corpus corpus) {
            TrainingText parts = of(captions, corpus);
            return Objects.requireNonNullElse(parts.validation(), Objects.requireNonNullElse(parts.test(), corpus));
        }

        /** The text, divided into captions to learn and captions held back. */
        TrainingText of(Captions captions, Corpus corpus) {
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

        private static int rows(String option, double share, int all) {
            int rows = (int) Math.round(share * all);
            if (share > 0 && rows == 0) {
                throw new CharlstmException(option + " " + share + " of " + Quantity.of(all, "captions")
                        + " leaves none to hold back; give more captions or another share");
            }
            return rows;
        }
    }

    public boolean isGiven() {
        return text != null || split.share > 0;
    }

    /**
     * The vocabulary whose characters alone stay in a text when training starts from a model; null for all characters.
     */
    public @Nullable Vocabulary kept(Vocabulary vocabulary) {
        return unknown.kept(vocabulary);
    }

    /** Refuses options that do not fit together. A run that starts from a model uses that model's vocabulary. */
    public void check(@Nullable List<Path> learned, boolean conditioned, boolean startsFromModel) {
        UsageException.when(condition != null && (text == null || !conditioned),
                "--validation-condition is %s, but there is no %s; leave it out", condition,
                text == null ? "--validation text" : "--condition");
        UsageException.when(condition == null && text != null && conditioned, "give what the captions of %s are about "
                + "with --validation-condition FILE, as --condition does for those that are learned", text);
        UsageException.when(TextInput.STANDARD_INPUT.equals(text) && learned != null && learned.contains(text),
                "--validation is -, and so is the text; standard input is read once");
        UsageException.when(unknown.skips() && text == null && !startsFromModel,
                "--unknown is skip, but a new model knows every character of its text; leave it out, or name a "
                        + "--validation text or --init MODEL");
        split.check();
        UsageException.when(text != null && split.share > 0,
                "--validation and --validation-split are both given; leave one out");
    }

    /** Reads the text for validation, with running text in windows of the given stride, or splits it off. */
    public TrainingText split(Captions captions, Corpus corpus, TextOptions options, int stride, Console console) {
        TrainingText learned = split.of(captions, corpus);
        if (text == null) {
            return learned;
        }
        Vocabulary known = unknown.kept(corpus.vocabulary());
        Captions validation = options.read(List.of(text), corpus.vocabulary().hasMarkers() ? null
                : new TextOptions.Cut(corpus.steps() + 1, stride), Integer.MAX_VALUE, corpus.vocabulary(), known,
                console);
        Corpus encoded = UnknownOption.refusing(() -> Corpus.encode(validation, corpus.vocabulary(), corpus.steps()));
        return new TrainingText(captions, learned.corpus(),
                condition == null ? encoded : with(encoded, condition, corpus.features()), validation.source(),
                learned.test());
    }

    private static Corpus with(Corpus corpus, Path condition, int columns) {
        Features features = FeatureFile.read(condition);
        if (features.columns() != columns) {
            throw new CharlstmException(features.source() + " has " + Quantity.of(features.columns(), "features")
                    + " in a row, but what is learned has " + columns).mendedBy(Setting.VALIDATION_CONDITION);
        }
        return corpus.with(features);
    }
}
