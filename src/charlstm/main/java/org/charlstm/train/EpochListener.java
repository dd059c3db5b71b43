package org.charlstm.train;

/** Follows an epoch and may end it. */
public interface EpochListener {
    /** Lets every epoch run to its end. */
    EpochListener NONE = (done, total, progress) -> true;

    /** Figures that are computed on request, since computing them waits for the device. */
    interface Progress {
        /** The mean loss since the epoch began. */
        double loss();
    }

    /** Called after each step with the number of captions seen in this epoch. Returns whether to go on. */
    boolean step(int done, int total, Progress progress);
}
