package org.charlstm.rank;

import java.lang.foreign.MemorySegment;
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
        double[] values = flat.read();
        float[] floats = new float[values.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) values[i];
        }
        ranks.sum(MemorySegment.ofArray(floats));
        for (int i = 0; i < floats.length; i++) {
            values[i] = floats[i];
        }
        flat.write(values);
    }

    @Override
    public void close() {
        // The ranks are their owner's.
    }
}
