package org.charlstm.cli;

import java.nio.file.Path;
import java.util.List;
import org.charlstm.CharlstmException;
import org.charlstm.Quantity;
import org.charlstm.Setting;
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

    @Mixin
    private SplitOptions split;

    @Option(names = "--validation-condition", paramLabel = "FILE", description = "What the captions of --validation "
            + "are about, as --condition has it for those that are learned.")
    private @Nullable Path condition;

    @Mixin
    private UnknownOption unknown;

    /** Whether there is any. */
    boolean isGiven() {
        return text != null || split.isForValidation();
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
        split.check();
        if (text != null && split.isForValidation()) {
            throw new UsageException("--validation and --validation-split are both given; leave one out");
        }
    }

    /** Reads what to hold against, of running text in windows of that stride, or splits it off. */
    TrainingText split(Captions captions, Corpus corpus, TextOptions options, int stride, Console console) {
        TrainingText learned = split.split(captions, corpus);
        if (text == null) {
            return learned;
        }
        Vocabulary known = unknown.kept(corpus.vocabulary());
        Captions validation = options.readAll(text, corpus.vocabulary().hasMarkers() ? null
                : new TextOptions.Cut(corpus.steps() + 1, stride), corpus.vocabulary(), known, console);
        Corpus heldAgainst = UnknownOption.refusing(() -> Corpus.encode(validation, corpus.vocabulary(),
                corpus.steps()));
        return new TrainingText(captions, learned.corpus(),
                condition == null ? heldAgainst : with(heldAgainst, condition, corpus.features()), validation.source(),
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
