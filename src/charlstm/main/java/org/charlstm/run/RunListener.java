package org.charlstm.run;

import java.util.List;
import org.charlstm.train.EpochListener;
import org.charlstm.train.Figures;
import org.charlstm.train.OperationTime;

/**
 * Follows a training run, as the console, TensorBoard's events and the report do. Methods are called on the run's
 * thread. Except for {@link #learned}, the data is then in the run's folder already; if epochs are short, the run may
 * be some epochs ahead. A listener's time is not part of an epoch's time, except the time in {@link #step}. A
 * listener's first failure becomes a warning, and the listener stays; only a failure of the device ends the run.
 */
public interface RunListener {
    /** The run has its folder and is about to train; {@link TrainingRun#stop} may be called from now on. */
    default void begin(TrainingRun run) {
    }

    /** An epoch begins, counted from 1. */
    default void epoch(int epoch) {
    }

    /** A step has been launched; {@code done} captions of this epoch are seen. The progress waits for the device. */
    default void step(int done, int total, EpochListener.Progress progress) {
    }

    /** The run or its device warns. */
    default void warning(String warning) {
    }

    /** An epoch is trained, but not yet saved. If a stop is requested from now on, this epoch is the last. */
    default void learned(Figures figures) {
    }

    /** An epoch is saved. */
    default void figures(Figures figures) {
    }

    /** The model has written sentences after an epoch. */
    default void sentences(int epoch, List<String> sentences) {
    }

    /** Training is over. Unless the run was stopped, sentences, the test and perhaps {@link #operations} follow. */
    default void trained(TrainingRun.End end) {
    }

    /** The best model, or the last if the best is not kept, has been tested, with {@code test_loss} and others. */
    default void tested(Figures figures) {
    }

    /** The run has trained, but was stopped before its test was complete; the resumed run repeats the test. */
    default void untested() {
    }

    /** The operations of a step have been timed, in their order; after a short training they are not. */
    default void operations(List<OperationTime> times) {
    }

    /** All files of the run are written. */
    default void end() {
    }
}
