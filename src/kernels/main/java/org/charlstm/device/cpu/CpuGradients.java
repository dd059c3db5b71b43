package org.charlstm.device.cpu;

import static org.charlstm.device.cpu.tools.Lanes.COUNT;
import static org.charlstm.device.cpu.tools.Lanes.ORIGIN;
import static org.charlstm.device.cpu.tools.Lanes.load;

import jdk.incubator.vector.FloatVector;
import org.charlstm.device.Matrix;
import org.charlstm.device.cpu.tools.CpuMatrix;
import org.charlstm.device.cpu.tools.Workers;
import org.charlstm.device.host.HostOperations;

/** Operations on flat gradients between the backward pass and the update. */
final class CpuGradients {
    /** Measures the norm of the gradients and scales them. Sums of squares are double, because a float may overflow. */
    static final class Clip {
        /** Floats that one thread sums; a fixed size keeps the order of sums for any number of threads. */
        private static final int CHUNK = 8192;

        private final Workers workers;
        private final Workers.Shard squareChunk = this::squareChunk;
        private final Workers.Shard scaleChunk = this::scaleChunk;
        private final Workers.Shard boundChunk = this::boundChunk;
        private float[] gradients = {};
        private double[] squares = {};
        private float factor;
        private float bound;

        Clip(Workers workers) {
            this.workers = workers;
        }

        void run(Matrix gradientsAt, double limit, double boundOf, double[] norms) {
            gradients = CpuMatrix.of(gradientsAt).values();
            int chunks = Math.ceilDiv(gradients.length - ORIGIN, CHUNK);
            if (squares.length != chunks) {
                squares = new double[chunks];
            }
            workers.run(chunks, squareChunk);
            double sum = 0;
            for (double square : squares) {
                sum += square;
            }
            double norm = Math.sqrt(sum);
            HostOperations.addNorm(norms, norm);
            if (norm > limit) {
                factor = (float) (limit / norm);
                workers.run(chunks, scaleChunk);
            }
            if (boundOf < Double.POSITIVE_INFINITY) {
                bound = (float) boundOf;
                workers.run(chunks, boundChunk);
            }
        }

        /** Four sums, because a single sum would wait for each addition. */
        private void squareChunk(int chunk) {
            int from = ORIGIN + chunk * CHUNK;
            int end = Math.min(gradients.length, from + CHUNK);
            double sum0 = 0;
            double sum1 = 0;
            double sum2 = 0;
            double sum3 = 0;
            int i = from;
            for (; i + 4 <= end; i += 4) {
                sum0 += (double) gradients[i] * gradients[i];
                sum1 += (double) gradients[i + 1] * gradients[i + 1];
                sum2 += (double) gradients[i + 2] * gradients[i + 2];
                sum3 += (double) gradients[i + 3] * gradients[i + 3];
            }
            for (; i < end; i++) {
                sum0 += (double) gradients[i] * gradients[i];
            }
            squares[chunk] = sum0 + sum1 + (sum2 + sum3);
        }

        private void scaleChunk(int chunk) {
            int end = Math.min(gradients.length, ORIGIN + (chunk + 1) * CHUNK);
            for (int i = ORIGIN + chunk * CHUNK; i < end; i += COUNT) {
                load(gradients, i).mul(factor).intoArray(gradients, i);
            }
        }

        /** The minimum and maximum of vectors keep NaN. */
        private void boundChunk(int chunk) {
            int end = Math.min(gradients.length, ORIGIN + (chunk + 1) * CHUNK);
            for (int i = ORIGIN + chunk * CHUNK; i < end; i += COUNT) {
                load(gradients, i).max(-bound).min(bound).intoArray(gradients, i);
            }
        }
    }

    /** Sums the gradients of a batch's parts. */
    static final class Accumulation {
        /** Floats that one thread adds at a time: a multiple of every vector's length. */
        private static final int CHUNK = 8192;

        private final Workers workers;
        private final Workers.Shard addChunk = this::addChunk;
        private float[] sum = {};
        private float[] gradients = {};
        private boolean first;
        private float weight;

        Accumulation(Workers workers) {
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
}
