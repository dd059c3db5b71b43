package org.charlstm.run;

import module java.base;
import org.charlstm.run.folder.RunFolder;
import org.charlstm.train.Figures;
import org.jspecify.annotations.Nullable;

/** The status of a run. The loop writes it; listeners read it through the run. */
final class RunStatus {
    /** Null before the run begins. */
    @Nullable
    RunFolder folder;
    /** Null before the run begins and after its end. */
    @Nullable
    BackgroundWriter writer;
    /** Tells the other ranks that this rank is at work. */
    Runnable working = () -> {};
    /** The library that carries gradients between ranks. */
    Optional<String> carrier = Optional.empty();
    boolean resumed;
    boolean wasDone;
    /** The epoch in progress, or the last one that ended. */
    int epoch;
    /** The figures of the saved epochs. */
    final List<Figures> figures = new ArrayList<>();
    /** The first epoch of each process that resumed the run. */
    final Set<Integer> firstEpochs = new TreeSet<>();
    /** Null if the best model is not kept, and before the first epoch. */
    Figures.@Nullable Best best;
    boolean bestIsKept;
    @Nullable
    Figures tested;

    Optional<TrainingRun.EpochTimes> times() {
        return figures.isEmpty() ? Optional.empty() : Optional.of(TrainingRun.EpochTimes.of(figures, firstEpochs));
    }
}
