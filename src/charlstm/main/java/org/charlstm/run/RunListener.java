package org.charlstm.run;

import java.util.List;
import org.charlstm.train.EpochListener;
import org.charlstm.train.Figures;
import org.charlstm.train.OperationTime;

/**
 * Follows a training run, as the console, TensorBoard's events and the report do. Methods are called on the run's
 * thread. Except for {@link #learned}, the data is in the run's folder by then; where epochs are short, the run may be
 * some epochs further. The time of a listener does not count as an epoch's, except for that of {@link #step}. A
 * listener's first failure is a warning, and the listener stays; only a failure of the device ends the run.
 */
public interface RunListener {
    /** The run is about to train, and has its folder; {@link TrainingRun#stop} may be called from here on. */
    default void begin(TrainingRun run) {
    }

    /** An epoch begins, counted from 1. */
    default void epoch(int epoch) {
    }

    /** A step has been launched, with so many captions seen in this epoch. Figures wait for the device. */
    default void step(int done, int total, EpochListener.Progress progress) {
    }

    /** The run or its device warns. */
    default void warning(String warning) {
    }

    /** An epoch is learned, but not saved. A stop from here ends the run with this epoch. */
    default void learned(Figures figures) {
    }

    /** An epoch is saved. */
    default void figures(Figures figures) {
    }

    /** The model has written sentences after an epoch. */
    default void sentences(int epoch, List<String> sentences) {
    }

    /** Training is over. Unless it was stopped, sentences, the test and the times of operations follow. */
    default void trained(TrainingRun.End end) {
    }

    /** The best model, or the last where that is not kept, has been tested: {@code test_loss} and others. */
    default void tested(Figures figures) {
    }

    /** The run has trained, but was stopped before its test was whole; resuming it makes up for that. */
    default void untested() {
    }

    /** The operations of a step have been timed, in their order. */
    default void operations(List<OperationTime> times) {
    }

    /** All files of the run are written. */
    default void end() {
    }
}
