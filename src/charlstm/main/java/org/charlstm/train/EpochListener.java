package org.charlstm.train;

/** Follows an epoch and may end it. */
public interface EpochListener {
    /** Lets every epoch run to its end. */
    EpochListener NONE = (done, total, progress) -> true;

    /** Figures that wait for the device, so they are computed only if asked for. */
    interface Progress {
        /** The mean loss since the epoch began. */
        double loss();
    }

    /** Called after each step with the captions seen in this epoch; returns whether to go on. */
    boolean step(int done, int total, Progress progress);
}
