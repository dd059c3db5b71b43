package org.charlstm.rank;

import org.charlstm.device.Matrix;

/** Sums through host memory. */
record HostSum(Collective ranks) implements RankSum {
    @Override
    public String carrier() {
        return ranks.carrier();
    }

    @Override
    public boolean recordable() {
        return false;
    }

    @Override
    public void sum(Matrix flat) {
        flat.change(ranks::sum);
    }

    @Override
    public void begin(Matrix flat, int from, int to) {
        throw new IllegalStateException("sums through host memory are not recorded");
    }

    @Override
    public void join() {
        throw new IllegalStateException("sums through host memory are not recorded");
    }

    @Override
    public void close() {
        // The ranks are their owner's.
    }
}
