package org.charlstm.rank;

import java.lang.foreign.MemorySegment;
import java.util.List;

/** One process by itself, which has nobody to wait for, to tell or to leave. */
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
        // They are the sums.
    }

    @Override
    public void sum(double[] values) {
        // They are the sums.
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
    public void close() {
        // There is nothing to leave.
    }
}
