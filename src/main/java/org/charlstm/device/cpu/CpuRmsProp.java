package org.charlstm.device.cpu;

import static org.charlstm.device.cpu.Lanes.COUNT;
import static org.charlstm.device.cpu.Lanes.ORIGIN;
import static org.charlstm.device.cpu.Lanes.coarse;
import static org.charlstm.device.cpu.Lanes.flushed;
import static org.charlstm.device.cpu.Lanes.load;

import jdk.incubator.vector.FloatVector;
import org.charlstm.device.Matrix;
import org.charlstm.device.RmsProp;

/** RMSprop over the flat buffers. */
final class CpuRmsProp {
    /** Floats that one thread updates at a time: a multiple of every vector's length. */
    private static final int CHUNK = 8192;

    private final Workers workers;
    private final Workers.Shard runChunk = this::runChunk;
    private float[] weights = {};
    private float[] gradients = {};
    private float[] meanSquares = {};
    private float rate;
    private float decay;
    private float epsilon;

    CpuRmsProp(Workers workers) {
        this.workers = workers;
    }

    void run(RmsProp rule, Matrix weightsAt, Matrix gradientsAt, Matrix meanSquaresAt, double rateAt) {
        weights = CpuMatrix.of(weightsAt).values();
        gradients = CpuMatrix.of(gradientsAt, weightsAt.rows(), weightsAt.columns()).values();
        meanSquares = CpuMatrix.of(meanSquaresAt, weightsAt.rows(), weightsAt.columns()).values();
        rate = (float) rateAt;
        decay = (float) rule.decay();
        epsilon = (float) rule.epsilon();
        workers.run(Math.ceilDiv(weights.length - ORIGIN, CHUNK), runChunk);
    }

    private void runChunk(int chunk) {
        int end = Math.min(weights.length, ORIGIN + (chunk + 1) * CHUNK);
        FloatVector coarse = coarse();
        for (int i = ORIGIN + chunk * CHUNK; i < end; i += COUNT) {
            FloatVector g = load(gradients, i);
            FloatVector a = flushed(load(meanSquares, i).mul(decay).add(g.mul(g).mul(1 - decay)), coarse);
            a.intoArray(meanSquares, i);
            load(weights, i).sub(g.mul(rate).div(a.sqrt().add(epsilon))).intoArray(weights, i);
        }
    }
}
