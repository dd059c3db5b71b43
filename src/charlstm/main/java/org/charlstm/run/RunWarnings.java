package org.charlstm.run;

import module java.base;
import org.charlstm.base.Quantity;
import org.charlstm.train.Schedule;
import org.charlstm.train.TrainingOptions;

/** The warnings of a run in progress. */
final class RunWarnings {
    /** A stream is stuck above this multiple of ln V, the loss of guesses: no text is that surprising over a window. */
    private static final double WORSE = 1.5;

    private final TrainingRun run;
    /** The number of the device's warnings that were passed on. */
    private int passedOn;
    private boolean toldOfStreams;

    RunWarnings(TrainingRun run) {
        this.run = run;
    }

    /** Passes on the device's warnings since the last call. */
    void ofDevice() {
        List<String> warnings = run.model().device().warnings();
        warnings.stream().skip(passedOn).forEach(run::warn);
        passedOn = warnings.size();
    }

    /** Warns of stuck streams, once: the advice is the same in each epoch. */
    void ofStreams(Supplier<double[]> losses, int epoch) {
        if (!toldOfStreams) {
            Optional<String> stuck = stuckStreams(losses.get(), run.model().config().symbols(), epoch);
            stuck.ifPresent(run::warn);
            toldOfStreams = stuck.isPresent();
        }
    }

    /** A warning if the carried state of some streams has diverged: only these streams do worse than guessing. */
    static Optional<String> stuckStreams(double[] losses, int symbols, int epoch) {
        double[] sorted = losses.clone();
        Arrays.sort(sorted);
        double median = sorted.length == 0 ? 0 : sorted[sorted.length / 2];
        DoubleSummaryStatistics stuck = Arrays.stream(losses)
                .filter(loss -> loss > Math.max(2 * median, WORSE * Math.log(symbols))).summaryStatistics();
        return stuck.getCount() == 0 ? Optional.empty() : Optional.of(String.format(Locale.ROOT,
                "%d of %d streams %s worse than guesses at the end of epoch %d: a loss of %.1f, where the median "
                        + "stream has %.1f; either the text there is unlike the rest, or the carried state has run "
                        + "away: try a lower learning rate, or clip gradients",
                stuck.getCount(), losses.length, stuck.getCount() == 1 ? "does" : "do", epoch, stuck.getAverage(),
                median));
    }

    /** Warns if schedule, warm-up or streams do not fit the remaining epochs; no warnings if no epochs remain. */
    static List<String> ofSettings(TrainingRun run) {
        TrainingOptions training = run.setup().training();
        int epochs = run.setup().epochs();
        List<String> warnings = new ArrayList<>();
        if (run.epoch() >= epochs) {
            return warnings;
        }
        int rows = run.text().corpus().rows();
        if (training.streams() && rows < 2L * training.batchSize()) {
            warnings.add(String.format(Locale.ROOT, "of %s there are fewer than two for each of %d streams, so that "
                    + "nothing is carried on; use a smaller batch size", Quantity.of(rows, "windows"),
                    Math.min(rows, training.batchSize())));
        }
        int updates = training.updates(run.text().corpus().rows());
        if (training.warmUp() > (long) epochs * updates) {
            warnings.add(String.format(Locale.ROOT, "the warm-up of %s is longer than the run, %s of %s: the rate does "
                    + "not come to %s", Quantity.of(training.warmUp(), "updates"), Quantity.of(epochs, "epochs"),
                    Quantity.of(updates, "updates"), training.learningRate()));
        }
        switch (training.schedule()) {
            case Schedule.Cosine cosine when cosine.epochs() < epochs && (run.resumed() || cosine.minimum() == 0) ->
                warnings.add(String.format(Locale.ROOT, "the cosine ends with epoch %d: from epoch %d on the rate is "
                        + "%s; %s", cosine.epochs(), Math.max(cosine.epochs(), run.epoch()) + 1,
                        cosine.minimum() == 0 ? "0, and nothing is learned" : cosine.minimum(), run.resumed()
                                ? "it can go on with another schedule"
                                : "give it more epochs, or a lowest rate above 0"));
            case Schedule.Plateau plateau when epochs - 2 < plateau.patience() ->
                warnings.add(String.format(Locale.ROOT, "the plateau's patience of %s is too long to lower the rate in "
                        + "a run of %s; %s", Quantity.of(plateau.patience(), "epochs"), Quantity.of(epochs, "epochs"),
                        epochs < 3 ? "it takes three epochs at least" : "at most " + (epochs - 2) + " can"));
            default -> {}
        }
        return warnings;
    }
}
