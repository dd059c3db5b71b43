package org.charlstm.device.cpu;

import static org.charlstm.device.cpu.tools.Lanes.COUNT;
import static org.charlstm.device.cpu.tools.Lanes.ORIGIN;
import static org.charlstm.device.cpu.tools.Lanes.PANEL;
import static org.charlstm.device.cpu.tools.Lanes.all;
import static org.charlstm.device.cpu.tools.Lanes.load;
import static org.charlstm.device.cpu.tools.Lanes.padded;

import jdk.incubator.vector.FloatVector;
import org.charlstm.device.BatchNorm;
import org.charlstm.device.Matrix;
import org.charlstm.device.cpu.tools.CpuMatrix;
import org.charlstm.device.cpu.tools.ShardSums;
import org.charlstm.device.cpu.tools.Workers;

/** Batch normalisation: forward and backward each sum over rows in shards of a fixed size, then write. */
final class CpuBatchNorm implements BatchNorm {
    /** The most shards. */
    private static final int SHARDS = 32;
    /** The fewest rows of a shard. */
    private static final int FEW_ROWS = 64;

    private final Workers workers;
    private final BatchNorm.Shape shape;
    private final int offset;
    private final int moving;
    private final int stride;
    private final int shardRows;
    private final ColumnMoments moments;
    private final ShardSums sums;
    /** For each column, from {@code ORIGIN} on: the mean and 1 / sqrt(variance + epsilon). */
    private final float[] mean;
    private final float[] inverse;
    /** gamma / sqrt(variance + epsilon); for the backward pass also the factor of x - mean and the gradients' mean. */
    private final float[] factor;
    private final float[] slope;
    private final float[] meanGradient;
    private final Workers.Shard normaliseShard = this::normaliseShard;
    private final Workers.Shard sumShard = this::sumShard;
    private final Workers.Shard differentiateShard = this::differentiateShard;
    private float[] weights = {};
    private float[] input = {};
    private float[] output = {};
    private float[] outputGradient = {};
    private float[] inputGradient = {};

    CpuBatchNorm(Workers workers, BatchNorm.Shape shape, int offset, int moving) {
        this.workers = workers;
        this.shape = shape;
        this.offset = ORIGIN + offset;
        this.moving = ORIGIN + moving;
        stride = padded(shape.columns());
        shardRows = Math.max(FEW_ROWS, Math.ceilDiv(shape.rows(), SHARDS));
        moments = new ColumnMoments(workers, shape.rows(), shardRows, stride);
        sums = new ShardSums(workers, shards(), layout(shape.columns()).size());
        mean = CpuMatrix.floats(stride);
        inverse = CpuMatrix.floats(stride);
        factor = CpuMatrix.floats(stride);
        slope = CpuMatrix.floats(stride);
        meanGradient = CpuMatrix.floats(stride);
    }

    /** The layout of gamma, then beta. */
    static CpuMatrix.Layout layout(int columns) {
        return new CpuMatrix.Layout(2, 1, columns);
    }

    private int shards() {
        return Math.ceilDiv(shape.rows(), shardRows);
    }

    private int rows(int shard) {
        return Math.min(shardRows, shape.rows() - shard * shardRows);
    }

    private int at(int shard) {
        return ORIGIN + shard * shardRows * stride;
    }

    @Override
    public void forward(Matrix weightsAt, Matrix inputAt, Matrix outputAt) {
        weights = CpuMatrix.of(weightsAt).values();
        input = CpuMatrix.of(inputAt, shape.rows(), shape.columns()).values();
        output = CpuMatrix.of(outputAt, shape.rows(), shape.columns()).values();
        if (shape.training()) {
            moments.of(input);
        }
        int columns = shape.columns();
        for (int j = 0; j < columns; j++) {
            double m = shape.training() ? moments.mean(j) : weights[moving + j];
            double variance = shape.training() ? moments.variance(j) : weights[moving + columns + j];
            if (shape.training()) {
                weights[moving + j] = moved(weights[moving + j], m);
                weights[moving + columns + j] = moved(weights[moving + columns + j], variance);
            }
            mean[ORIGIN + j] = (float) m;
            inverse[ORIGIN + j] = (float) (1 / Math.sqrt(variance + shape.epsilon()));
            factor[ORIGIN + j] = weights[offset + j] * inverse[ORIGIN + j];
        }
        workers.run(shards(), normaliseShard);
    }

    private float moved(float value, double now) {
        return (float) (shape.momentum() * value + (1 - shape.momentum()) * now);
    }

    private void normaliseShard(int shard) {
        for (int column = 0; column < stride; column += PANEL) {
            normalisePanel(at(shard) + column, rows(shard), ORIGIN + column, offset + stride + column);
        }
    }

    private void normalisePanel(int from, int count, int column, int beta) {
        FloatVector mean0 = load(mean, column);
        FloatVector mean1 = load(mean, column + COUNT);
        FloatVector factor0 = load(factor, column);
        FloatVector factor1 = load(factor, column + COUNT);
        FloatVector beta0 = load(weights, beta);
        FloatVector beta1 = load(weights, beta + COUNT);
        int end = from + count * stride;
        for (int i = from; i < end; i += stride) {
            load(input, i).sub(mean0).fma(factor0, beta0).intoArray(output, i);
            load(input, i + COUNT).sub(mean1).fma(factor1, beta1).intoArray(output, i + COUNT);
        }
    }

    @Override
    public void backward(Matrix weightsAt, Matrix inputAt, Matrix outputGradientAt, Matrix inputGradientAt,
            Matrix gradientsAt) {
        if (!shape.training()) {
            throw new IllegalStateException("this batch normalisation is not for training");
        }
        weights = CpuMatrix.of(weightsAt).values();
        input = CpuMatrix.of(inputAt, shape.rows(), shape.columns()).values();
        outputGradient = CpuMatrix.of(outputGradientAt, shape.rows(), shape.columns()).values();
        inputGradient = CpuMatrix.of(inputGradientAt, shape.rows(), shape.columns()).values();
        float[] gradients = CpuMatrix.of(gradientsAt).values();
        workers.run(shards(), sumShard);
        sums.into(gradients, offset);
        for (int j = 0; j < shape.columns(); j++) {
            int at = ORIGIN + j;
            factor[at] = weights[offset + j] * inverse[at];
            slope[at] = -inverse[at] * gradients[offset + j] / shape.rows();
            meanGradient[at] = gradients[offset + stride + j] / shape.rows();
        }
        workers.run(shards(), differentiateShard);
    }

    private void sumShard(int shard) {
        for (int column = 0; column < stride; column += PANEL) {
            sumPanel(at(shard) + column, rows(shard), ORIGIN + column, sums.of(shard));
        }
    }

    /** Sums the gradients of gamma and beta. */
    private void sumPanel(int from, int count, int column, float[] to) {
        FloatVector mean0 = load(mean, column);
        FloatVector mean1 = load(mean, column + COUNT);
        FloatVector gamma0 = all(0f);
        FloatVector gamma1 = all(0f);
        FloatVector beta0 = all(0f);
        FloatVector beta1 = all(0f);
        int end = from + count * stride;
        for (int i = from; i < end; i += stride) {
            FloatVector gradient0 = load(outputGradient, i);
            FloatVector gradient1 = load(outputGradient, i + COUNT);
            gamma0 = load(input, i).sub(mean0).fma(gradient0, gamma0);
            gamma1 = load(input, i + COUNT).sub(mean1).fma(gradient1, gamma1);
            beta0 = beta0.add(gradient0);
            beta1 = beta1.add(gradient1);
        }
        gamma0.mul(load(inverse, column)).intoArray(to, column);
        gamma1.mul(load(inverse, column + COUNT)).intoArray(to, column + COUNT);
        beta0.intoArray(to, column + stride);
        beta1.intoArray(to, column + stride + COUNT);
    }

    private void differentiateShard(int shard) {
        for (int column = 0; column < stride; column += PANEL) {
            differentiatePanel(at(shard) + column, rows(shard), ORIGIN + column);
        }
    }

    private void differentiatePanel(int from, int count, int column) {
        FloatVector mean0 = load(mean, column);
        FloatVector mean1 = load(mean, column + COUNT);
        FloatVector factor0 = load(factor, column);
        FloatVector factor1 = load(factor, column + COUNT);
        FloatVector slope0 = load(slope, column);
        FloatVector slope1 = load(slope, column + COUNT);
        FloatVector meanGradient0 = load(meanGradient, column);
        FloatVector meanGradient1 = load(meanGradient, column + COUNT);
        int end = from + count * stride;
        for (int i = from; i < end; i += stride) {
            FloatVector apart0 = load(outputGradient, i).sub(meanGradient0);
            FloatVector apart1 = load(outputGradient, i + COUNT).sub(meanGradient1);
            load(input, i).sub(mean0).fma(slope0, apart0).mul(factor0).intoArray(inputGradient, i);
            load(input, i + COUNT).sub(mean1).fma(slope1, apart1).mul(factor1).intoArray(inputGradient, i + COUNT);
        }
    }
}
