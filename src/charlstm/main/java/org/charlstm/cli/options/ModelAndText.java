package org.charlstm.cli.options;

import module java.base;
import org.charlstm.cli.console.Console;
import org.charlstm.cli.console.UsageException;
import org.charlstm.io.SavedModel;
import org.charlstm.run.folder.TextLayout;
import org.charlstm.text.Captions;
import org.charlstm.text.Corpus;
import org.charlstm.text.Vocabulary;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** A model and a text: the arguments of commands that compare a model with a text. */
public final class ModelAndText {
    @Mixin
    private ModelArgument model;

    @Parameters(index = "1..*", arity = "1..*", paramLabel = "TEXT", description = TextOptions.CAPTIONS
            + " For a model of running text such text.")
    private List<Path> text;

    @Option(names = "--format", paramLabel = "FORMAT",
            description = "The format of the text: captions, one a line, or sentences, into which running text is "
                    + "split; for running text windows, each by itself, or stream, in which each goes on from the "
                    + "state that the one before left. Default: captions, or as in the model's training.")
    private FormatOptions.@Nullable Format format;

    @Option(names = "--stride", paramLabel = "N", converter = Converters.FromOne.class,
            description = "For a model of running text: characters from the start of one window to that of "
                    + "the next. Default: as in the model's training.")
    private @Nullable Integer stride;

    @Mixin
    private TextOptions options;

    public ModelArgument model() {
        return model;
    }

    public void check() {
        options.takeSentences(format == FormatOptions.Format.SENTENCES);
        options.check();
    }

    /**
     * The text in the form that the model takes: captions padded to the model's time steps, or windows of running text.
     */
    public Corpus corpus(SavedModel saved, UnknownOption unknown, Console console) {
        Captions captions = captions(saved, unknown.kept(saved.requireVocabulary()), console);
        return UnknownOption.refusing(() -> Corpus.encode(captions, saved.requireVocabulary(), saved.steps()));
    }

    /** The whole text, without checking that it fits the model. */
    public Captions all(SavedModel saved, Console console) {
        return captions(saved, null, console);
    }

    /** The layout of the text: the layout of the model's training, except where options differ. */
    public TextLayout layout(SavedModel saved) {
        TextLayout trained = TextLayout.of(saved, model.path().toString());
        boolean streams = format == null ? trained.streams() && stride == null : format == FormatOptions.Format.STREAM;
        UsageException.when(streams && stride != null, "--stride is %s, but each window of a stream goes on where the "
                + "one before ended; leave one of --stride and --format out", stride);
        return new TextLayout(trained.padding(), streams, trained.batchSize(),
                stride != null ? stride : streams ? saved.steps() : trained.stride());
    }

    private Captions captions(SavedModel saved, @Nullable Vocabulary known, Console console) {
        boolean running = !saved.requireVocabulary().hasMarkers();
        UsageException.when(format != null && running != format.isRunning(),
                "--format is %s, but %s takes %s; leave it out", format, model.path(),
                running ? "running text" : "captions");
        UsageException.when(!running && stride != null,
                "--stride is %s, but %s takes captions, not running text; leave it out", stride, model.path());
        return options.read(text, running ? new TextOptions.Cut(saved.steps() + 1, layout(saved).stride()) : null,
                options.samples(), saved.requireVocabulary(), known, console);
    }
}
