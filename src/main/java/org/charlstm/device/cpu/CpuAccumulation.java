package org.charlstm.device.cpu;

import static org.charlstm.device.cpu.Lanes.COUNT;
import static org.charlstm.device.cpu.Lanes.ORIGIN;
import static org.charlstm.device.cpu.Lanes.load;

import jdk.incubator.vector.FloatVector;
import org.charlstm.device.Matrix;

/** The sum of the gradients of a batch's parts. */
final class CpuAccumulation {
    /** Floats that one thread adds at a time: a multiple of every vector's length. */
    private static final int CHUNK = 8192;

    private final Workers workers;
    private final Workers.Shard addChunk = this::addChunk;
    private float[] sum = {};
    private float[] gradients = {};
    private boolean first;
    private float weight;

    CpuAccumulation(Workers workers) {
        this.workers = workers;
    }

    void run(Matrix sumAt, boolean isFirst, Matrix gradientsAt, double weightOf) {
        sum = CpuMatrix.of(sumAt).values();
        gradients = CpuMatrix.of(gradientsAt, sumAt.rows(), sumAt.columns()).values();
        first = isFirst;
        weight = (float) weightOf;
        workers.run(Math.ceilDiv(sum.length - ORIGIN, CHUNK), addChunk);
    }

    private void addChunk(int chunk) {
        int end = Math.min(sum.length, ORIGIN + (chunk + 1) * CHUNK);
        for (int i = ORIGIN + chunk * CHUNK; i < end; i += COUNT) {
            FloatVector part = load(gradients, i).mul(weight);
            (first ? part : load(sum, i).add(part)).intoArray(sum, i);
        }
    }
}
