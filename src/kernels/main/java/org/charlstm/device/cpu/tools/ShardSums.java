package org.charlstm.device.cpu.tools;

import static org.charlstm.device.cpu.tools.Lanes.COUNT;
import static org.charlstm.device.cpu.tools.Lanes.ORIGIN;
import static org.charlstm.device.cpu.tools.Lanes.load;

import jdk.incubator.vector.FloatVector;

/** Separate gradients for each shard, summed in shard order, so the sum does not depend on the threads. */
public final class ShardSums {
    /** Floats that one thread sums at a time: a multiple of every vector's length. */
    private static final int CHUNK = 4096;

    private final Workers workers;
    private final float[][] partial;
    private final int size;
    private final Workers.Shard sumChunk = this::sumChunk;
    private float[] to = {};
    private int offset;

    /** {@code size} is a multiple of the vector's length. */
    public ShardSums(Workers workers, int shards, int size) {
        this.workers = workers;
        this.size = size;
        partial = new float[shards][ORIGIN + size];
    }

    /** The sums of a shard, from {@link Lanes#ORIGIN} on. */
    public float[] of(int shard) {
        return partial[shard];
    }

    /** Adds up the shards element by element and writes the totals into a flat buffer from index {@code at} on. */
    public void into(float[] flat, int at) {
        to = flat;
        offset = at;
        workers.run(Math.ceilDiv(size, CHUNK), sumChunk);
    }

    private void sumChunk(int chunk) {
        int end = Math.min(size, (chunk + 1) * CHUNK);
        for (int i = chunk * CHUNK; i < end; i += COUNT) {
            FloatVector sum = load(partial[0], ORIGIN + i);
            for (int s = 1; s < partial.length; s++) {
                sum = sum.add(load(partial[s], ORIGIN + i));
            }
            sum.intoArray(to, offset + i);
        }
    }
}
