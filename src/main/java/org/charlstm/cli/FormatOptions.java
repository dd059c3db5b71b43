package org.charlstm.cli;

import java.nio.file.Path;
import java.util.List;
import org.charlstm.io.SavedModel;
import org.charlstm.nn.Prediction;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The format of a text, and how running text is cut into windows. */
final class FormatOptions {
    private static final String SENTENCES = "sentences";
    private static final String STREAM = "stream";
    private static final int USUAL_WINDOW = 50;
    /** All formats, captions first. */
    static final List<String> NAMES = List.of("captions", SENTENCES, "windows", STREAM);

    @Option(names = "--format", paramLabel = "FORMAT", completionCandidates = Choices.OfTextFormat.class,
            description = "What the text is: captions, one a line; sentences, into which running text is split; "
                    + "windows of running text, shuffled; stream, the same in their order, in as many streams as "
                    + "--batch-size says, each of which goes on from the state before. Default: captions, with "
                    + "--window windows.")
    private @Nullable String format;

    @Option(names = {"--window", "--steps"}, paramLabel = "T",
            description = "Take the text as running text, without start and end "
                    + "symbols, in windows of T steps. Default of --format windows and stream: " + USUAL_WINDOW
                    + ", as in char-rnn; with a model of that kind to start from, its steps.")
    private @Nullable Integer window;

    @Option(names = "--stride", paramLabel = "N",
            description = "How far the next window begins behind the one before: below T they overlap, in Keras' "
                    + "example it is 3. Those for validation are cut alike. Default: T.")
    private @Nullable Integer stride;

    void check() {
        UsageException.requireOneOf("--format", format, NAMES);
        UsageException.requireWindow(window);
        UsageException.requireAtLeast("--stride", stride, 1);
    }

    /** Whether it is running text; else captions. */
    boolean isRunning() {
        return window != null || isRunning(format);
    }

    static boolean isRunning(@Nullable String format) {
        return format != null && NAMES.indexOf(format) >= NAMES.indexOf("windows");
    }

    static boolean isStream(@Nullable String format) {
        return STREAM.equals(format);
    }

    static boolean isSentences(@Nullable String format) {
        return SENTENCES.equals(format);
    }

    boolean isStream() {
        return isStream(format);
    }

    boolean isSentences() {
        return isSentences(format);
    }

    int strideOr(int steps) {
        return stride == null ? steps : stride;
    }

    /**
     * Refuses what does not go together.
     *
     * @param running    what the text has to be
     * @param from       the model that says so, or null
     */
    void require(boolean running, Prediction prediction, @Nullable Path from) {
        if (window != null && !running) {
            throw new UsageException("--window is " + window + ", but " + from
                    + " has start and end symbols and takes captions; leave it out");
        }
        if (format != null && running != isRunning(format)) {
            throw new UsageException("--format is " + format + ", but " + (from == null
                    ? "--window is for running text" : from + " takes " + (running ? "running text" : "captions"))
                    + "; leave one of them out");
        }
        String streams = isStream() ? "each window of a stream goes on where the one before ended" : null;
        String other = running ? streams : "captions are no windows of running text";
        if (stride != null && other != null) {
            throw new UsageException("--stride is " + stride + ", but " + other + "; leave "
                    + (running ? "one of --stride and --format" : "it") + " out");
        }
        if (prediction == Prediction.LAST && other != null) {
            throw new UsageException((from == null ? "--predict is last" : from + " predicts the last step alone")
                    + ", but " + other + "; " + (running ? "take --format windows"
                            : "give --window with a running text"));
        }
    }

    /** How running text is cut, for a model or for none yet. */
    TextOptions.Cut cut(@Nullable SavedModel model) {
        int steps = window != null ? window : model != null ? model.steps() : USUAL_WINDOW;
        return new TextOptions.Cut(steps + 1, strideOr(steps));
    }
}
