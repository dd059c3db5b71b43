package org.charlstm.run;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.charlstm.Quantity;
import org.charlstm.train.Schedule;
import org.charlstm.train.TrainingOptions;

/** What a schedule of the learning rate does not come to, or leaves undone, in the epochs that a run has. */
final class ScheduleWarnings {
    private ScheduleWarnings() {
    }

    /** A line each; none for a run that has no epochs left. */
    static List<String> of(TrainingRun run) {
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
