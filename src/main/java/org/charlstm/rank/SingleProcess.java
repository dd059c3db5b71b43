package org.charlstm.rank;

import java.lang.foreign.MemorySegment;
import java.util.List;

/** One process by itself: sums are what it has. */
final class SingleProcess implements Collective {
    @Override
    public int rank() {
        return 0;
    }

    @Override
    public int size() {
        return 1;
    }

    @Override
    public int localRank() {
        return 0;
    }

    @Override
    public List<String> hosts() {
        return List.of("this");
    }

    @Override
    public String carrier() {
        return "one process";
    }

    @Override
    public void sum(MemorySegment floats) {
        // What one process has is the sum.
    }

    @Override
    public void sum(double[] values) {
        // What one process has is the sum.
    }

    @Override
    public byte[] broadcast(byte[] bytes) {
        return bytes.clone();
    }

    @Override
    public List<byte[]> gather(byte[] bytes) {
        return List.of(bytes.clone());
    }

    @Override
    public void barrier() {
        // Nobody else is to come.
    }

    @Override
    public void step(long step) {
        // Nobody asks.
    }

    @Override
    public void alive() {
        // Nobody waits.
    }

    @Override
    public void close() {
        // There is nothing to leave.
    }
}
