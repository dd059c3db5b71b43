package org.charlstm.train;

import org.charlstm.rank.Collective;

/**
 * Lets all ranks agree, between updates, on whether to go on and whether to check the losses. The ranks communicate a
 * few times a second, all after the same update; after every update, each rank would have to wait for all others.
 */
final class StopAgreement {
    private static final double SECONDS = 0.2;
    private static final int MOST = 100;

    private final Collective ranks;
    private boolean stop;
    /** The number of updates until the ranks communicate next. */
    private int left = 1;
    /** The number of updates since the ranks last communicated. */
    private int since;
    private long communicated = System.nanoTime();

    /** Whether all ranks take the next update, and whether all wait and check that training has not diverged. */
    record Decision(boolean goOn, boolean check) {
    }

    StopAgreement(Collective ranks) {
        this.ranks = ranks;
    }

    /** Decides after an update. A single false {@code goOn} stops all ranks; {@code check} counts from rank 0 alone. */
    Decision after(boolean goOn, boolean check) {
        if (ranks.size() == 1) {
            return new Decision(goOn, check);
        }
        stop |= !goOn;
        since++;
        if (--left > 0) {
            return new Decision(true, false);
        }
        boolean first = ranks.rank() == 0;
        double[] sums = {stop ? 1 : 0, first ? next() : 0, first && check ? 1 : 0};
        ranks.sum(sums);
        left = (int) sums[1];
        since = 0;
        communicated = System.nanoTime();
        return new Decision(sums[0] == 0, sums[2] > 0);
    }

    /** The number of updates that take about {@link #SECONDS}. */
    private long next() {
        double each = (System.nanoTime() - communicated) * 1e-9 / since;
        return Math.clamp(Math.round(SECONDS / each), 1, MOST);
    }
}
