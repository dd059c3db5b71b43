package org.charlstm.cli.options;

import module java.base;
import org.charlstm.cli.console.UsageException;
import org.charlstm.cli.options.TrainOption.Resumed;
import org.charlstm.cli.options.TrainOption.Section;
import org.charlstm.io.SavedModel;
import org.charlstm.nn.Prediction;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The format of a text, and how running text is cut into windows. */
public final class FormatOptions {
    private static final int USUAL_WINDOW = 50;

    @Option(names = "--format", paramLabel = "FORMAT", description = "The format of the text: captions, one a line; "
            + "sentences, into which running text is split; windows of running text, shuffled; stream, the "
            + "same in their order, in as many streams as --batch-size says, each of which goes on from the "
            + "state before. Default: captions, with --window windows.")
    @TrainOption(section = Section.TEXT, place = 2, resumed = Resumed.SAME)
    private @Nullable Format format;

    @Option(names = {"--window", "--steps"}, paramLabel = "T", converter = Converters.Steps.class,
            description = "Take the text as running text, without start and end "
                    + "symbols, in windows of T steps. Default of --format windows and stream: " + USUAL_WINDOW
                    + ", as in char-rnn; with a model of that kind to start from, its steps.")
    @TrainOption(section = Section.TEXT, place = 2, resumed = Resumed.SAME)
    private @Nullable Integer window;

    @Option(names = "--stride", paramLabel = "N", converter = Converters.FromOne.class,
            description = "Characters from the start of one window to that of the next: below T they overlap, in "
                    + "Keras' example it is 3. Windows for validation are cut alike. Default: T.")
    @TrainOption(section = Section.TEXT, place = 2, resumed = Resumed.SAME)
    private @Nullable Integer stride;

    /** The formats of texts; the last two are of running text. */
    public enum Format {
        CAPTIONS, SENTENCES, WINDOWS, STREAM;

        public boolean isRunning() {
            return this == WINDOWS || this == STREAM;
        }

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Whether the text is running text rather than captions. */
    public boolean isRunning() {
        return window != null || (format != null && format.isRunning());
    }

    public boolean is(Format asked) {
        return format == asked;
    }

    public int strideOr(int steps) {
        return stride == null ? steps : stride;
    }

    /**
     * Refuses options that do not fit together.
     *
     * @param running whether the text must be running text
     * @param from    the model that determines {@code running}, or null
     */
    public void require(boolean running, Prediction prediction, @Nullable Path from) {
        UsageException.when(window != null && !running,
                "--window is %s, but %s has start and end symbols and takes captions; leave it out", window, from);
        UsageException.when(format != null && running != format.isRunning(),
                "--format is %s, but %s; leave one of them out", format,
                from == null ? "--window is for running text"
                        : from + " takes " + (running ? "running text" : "captions"));
        if (running && format != Format.STREAM) {
            return;
        }
        String other = running ? "each window of a stream goes on where the one before ended"
                : "captions are no windows of running text";
        UsageException.when(stride != null, "--stride is %s, but %s; leave %s out", stride, other,
                running ? "one of --stride and --format" : "it");
        UsageException.when(prediction == Prediction.LAST, "%s, but %s; %s",
                from == null ? "--predict is last" : from + " predicts the last step alone", other,
                running ? "take --format windows" : "give --window with a running text");
    }

    /** How running text is cut into windows, for a model or, if null, for a new model. */
    public TextOptions.Cut cut(@Nullable SavedModel model) {
        int steps = window != null ? window : model != null ? model.steps() : USUAL_WINDOW;
        return new TextOptions.Cut(steps + 1, strideOr(steps));
    }
}
