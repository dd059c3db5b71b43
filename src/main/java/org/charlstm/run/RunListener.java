package org.charlstm.run;

import java.util.List;
import org.charlstm.train.EpochListener;
import org.charlstm.train.Figures;
import org.charlstm.train.OperationTime;

/**
 * Follows a training run: the console, TensorBoard's events and the report are some. Each method is called on the
 * run's own thread, after what it tells of is in the run's folder, but for {@link #learned}. Of an epoch that is soon
 * over that may be some epochs later, when the run is further than what it tells of. Else the time that a listener
 * takes is no epoch's, but for that of {@link #step}. What it throws is a warning, once, and it is told all the same of
 * what follows; but a failure of the device ends the run.
 */
public interface RunListener {
    /**
     * The run is about to train. Whoever keeps it may call {@link TrainingRun#stop} at any later time.
     *
     * @param run the run, with its folder
     */
    default void begin(TrainingRun run) {
    }

    /**
     * An epoch begins.
     *
     * @param epoch from 1
     */
    default void epoch(int epoch) {
    }

    /**
     * A step has been told to the device.
     *
     * @param done     captions seen in this epoch
     * @param progress figures that cost a wait for the device
     */
    default void step(int done, int total, EpochListener.Progress progress) {
    }

    /** The device warns of something, once. */
    default void warning(String warning) {
    }

    /** An epoch is learned, and nothing of it saved yet. Who stops the run here has it end with this epoch. */
    default void learned(Figures figures) {
    }

    /** An epoch is whole, and saved. */
    default void figures(Figures figures) {
    }

    /**
     * The model has written sentences.
     *
     * @param epoch     the last that it has learned in
     */
    default void sentences(int epoch, List<String> sentences) {
    }

    /** Training is over. If it was not stopped, sentences, the test and the times of operations may follow. */
    default void trained(TrainingRun.End end) {
    }

    /**
     * The best model, or the last where that is not kept, has been held against the text that is for the test.
     *
     * @param figures of that model's epoch: {@code test_loss}, {@code test_real_loss} and
     *                {@code test_bits_per_character}
     */
    default void tested(Figures figures) {
    }

    /** The run has trained, but was stopped before its test was whole; going on with it makes up for that. */
    default void untested() {
    }

    /**
     * The operations of a step have been timed.
     *
     * @param times in the order of a step
     */
    default void operations(List<OperationTime> times) {
    }

    /** All of the run is in its folder. */
    default void end() {
    }
}
