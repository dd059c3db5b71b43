package org.charlstm.cli;

import java.nio.file.Path;
import java.util.List;
import org.charlstm.io.SavedModel;
import org.charlstm.text.Captions;
import org.charlstm.text.Corpus;
import org.charlstm.text.Vocabulary;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** A model and a text, the arguments of the commands that hold one against the other. */
final class ModelAndText {
    @Mixin
    private ModelArgument model;

    @Parameters(index = "1..*", arity = "1..*", paramLabel = "TEXT", description = TextOptions.CAPTIONS
            + " For a model of running text such text.")
    private List<Path> text;

    @Option(names = "--format", paramLabel = "FORMAT", completionCandidates = Choices.OfCaptionFormat.class,
            description = "For a model of captions what the text is: captions, one a line, or sentences, into which "
                    + "running text is split. Default: captions.")
    private @Nullable String format;

    @Option(names = "--stride", paramLabel = "N", description = "For a model of running text: how far the next window "
            + "begins behind the one before. Default: the model's time steps.")
    private @Nullable Integer stride;

    @Mixin
    private TextOptions options;

    void check() {
        if (stride != null) {
            UsageException.requireAtLeast("--stride", stride, 1);
        }
        UsageException.requireOneOf("--format", format, TrainCommand.CAPTION_FORMATS);
        if (TrainCommand.SENTENCES.equals(format)) {
            options.takeSentences();
        }
        options.check();
    }

    Path model() {
        return model.path();
    }

    SavedModel load(Console console) {
        return model.load(console);
    }

    /** The text as the model takes it: captions, padded to its time steps, or windows of running text. */
    Corpus corpus(SavedModel saved, UnknownOption unknown, Console console) {
        Captions captions = captions(saved, unknown.kept(saved.requireVocabulary()), console);
        return UnknownOption.refusing(() -> Corpus.encode(captions, saved.requireVocabulary(), saved.steps()));
    }

    /** One of its rows alone, from 0: only that one has to fit the model. */
    Corpus row(SavedModel saved, int number, Console console) {
        Captions all = captions(saved, null, console);
        CaptionNumber.require(number, all.size(), all.source());
        return Corpus.encode(all.only(number), saved.requireVocabulary(), saved.steps());
    }

    private Captions captions(SavedModel saved, @Nullable Vocabulary known, Console console) {
        if (saved.requireVocabulary().hasMarkers()) {
            if (stride != null) {
                throw new UsageException("--stride is " + stride + ", but " + model.path()
                        + " takes captions, not running text; leave it out");
            }
            return options.captions(text, saved.requireVocabulary(), known, console);
        }
        if (format != null) {
            throw new UsageException("--format is " + format + ", but " + model.path()
                    + " takes running text; leave it out");
        }
        return options.windows(text, saved.steps() + 1, stride == null ? saved.steps() : stride,
                saved.requireVocabulary(), known, console);
    }
}
