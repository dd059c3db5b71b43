package org.charlstm.run;

import module java.base;
import org.charlstm.io.SavedModel;
import org.charlstm.run.folder.RunState;
import org.charlstm.run.folder.TextLayout;
import org.charlstm.train.Figures;
import org.charlstm.train.Schedule;
import org.charlstm.train.TrainingState;
import org.jspecify.annotations.Nullable;

/** A model and state at one point of a run. The writing thread converts them from a copy of the device's memory. */
final class Snapshot {
    private final TrainingRun run;
    private @Nullable Supplier<TrainingState> copy;
    private @Nullable TrainingState training;
    private @Nullable SavedModel model;

    /** Takes a copy between two steps, from {@link org.charlstm.train.Trainer#copyState}. */
    Snapshot(TrainingRun run, Supplier<TrainingState> copy) {
        this.run = run;
        this.copy = copy;
    }

    private synchronized TrainingState training() {
        TrainingState made = training;
        if (made == null && copy != null) {
            made = copy.get();
            training = made;
            copy = null;
        }
        return Objects.requireNonNull(made, "made of the copy");
    }

    synchronized SavedModel model() {
        SavedModel made = model;
        if (made == null) {
            made = new SavedModel(run.model().config(), run.text().corpus().steps(), run.text().vocabulary(),
                    training().weights(), TextLayout.of(run.setup().training(), run.text().captions()).words());
            model = made;
        }
        return made;
    }

    /** The state, with the schedule's position, which may have changed since the copy. */
    RunState state(boolean whole, String digest, Figures.@Nullable Best best, Schedule.Course course) {
        return new RunState(model(), training().course(course), whole, RunState.settings(run.setup().training()),
                digest, run.options, best);
    }
}
