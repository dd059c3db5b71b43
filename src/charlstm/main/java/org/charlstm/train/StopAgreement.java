package org.charlstm.train;

import org.charlstm.rank.Collective;

/**
 * The agreement of all ranks, between updates, on whether they go on and whether they check the losses. They
 * communicate a few times a second, after the same update in each; after every update it would make each wait for all.
 */
final class StopAgreement {
    private static final double SECONDS = 0.2;
    private static final int MOST = 100;

    private final Collective ranks;
    private boolean stop;
    /** Updates until the ranks communicate. */
    private int left = 1;
    /** Updates since they did. */
    private int since;
    private long communicated = System.nanoTime();

    /** Whether all ranks take the next update, and whether they wait and check that training has not diverged. */
    record Decision(boolean goOn, boolean check) {
    }

    StopAgreement(Collective ranks) {
        this.ranks = ranks;
    }

    /** Called after an update: a single false stops all ranks, and rank 0 alone asks for a check. */
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

    /** The number of updates that take about that time. */
    private long next() {
        double each = (System.nanoTime() - communicated) * 1e-9 / since;
        return Math.clamp(Math.round(SECONDS / each), 1, MOST);
    }
}
