package org.charlstm.train;

import org.charlstm.rank.Collective;

/**
 * What the ranks of a training tell each other between updates: whether all go on, and whether they look at what they
 * have summed up. They do so a few times a second, all after the same update, and not after each, which would have each
 * wait for all.
 */
final class Pace {
    private static final double SECONDS = 0.2;
    private static final int MOST = 100;

    private final Collective ranks;
    private boolean stop;
    /** Updates until they tell each other, and those since they did. */
    private int left = 1;
    private int since;
    private long told = System.nanoTime();

    /**
     * What all ranks do, the same in each.
     *
     * @param goOn whether they take the next update
     * @param look whether they wait for their devices and see if training leads somewhere
     */
    record Word(boolean goOn, boolean look) {
    }

    Pace(Collective ranks) {
        this.ranks = ranks;
    }

    /**
     * Called after an update.
     *
     * @param goOn whether this rank would go on; one that would not ends it for all
     * @param look whether it would look, which rank 0 decides
     */
    Word after(boolean goOn, boolean look) {
        if (ranks.size() == 1) {
            return new Word(goOn, look);
        }
        stop |= !goOn;
        since++;
        if (--left > 0) {
            return new Word(true, false);
        }
        boolean first = ranks.rank() == 0;
        double[] said = {stop ? 1 : 0, first ? next() : 0, first && look ? 1 : 0};
        ranks.sum(said);
        left = (int) said[1];
        since = 0;
        told = System.nanoTime();
        return new Word(said[0] == 0, said[2] > 0);
    }

    /** So many updates as take about that time. */
    private long next() {
        double each = (System.nanoTime() - told) * 1e-9 / since;
        return Math.clamp(Math.round(SECONDS / each), 1, MOST);
    }
}
