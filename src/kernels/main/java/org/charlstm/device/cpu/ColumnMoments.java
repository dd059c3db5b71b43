package org.charlstm.device.cpu;

import static org.charlstm.device.cpu.tools.Lanes.COUNT;
import static org.charlstm.device.cpu.tools.Lanes.ORIGIN;
import static org.charlstm.device.cpu.tools.Lanes.PANEL;
import static org.charlstm.device.cpu.tools.Lanes.all;
import static org.charlstm.device.cpu.tools.Lanes.load;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import org.charlstm.device.cpu.tools.Workers;

/**
 * Mean and variance of each column of a matrix. Each shard of rows computes its own mean and variance in two passes;
 * the second pass finds the rows in the cache and corrects the first pass's rounding. Then the shards are combined
 * (Chan, Golub and LeVeque, "Algorithms for computing the sample variance", 1983). This loses no precision if a mean is
 * far from zero.
 */
final class ColumnMoments {
    private final Workers workers;
    private final int rows;
    private final int shardRows;
    private final int stride;
    /** For each shard: the mean of each column, the sums of the deviations from this mean, and of their squares. */
    private final float[][] sums;
    private final Workers.Shard sumShard = this::sumShard;
    private final double[] mean;
    private final double[] variance;
    private float[] x = {};

    ColumnMoments(Workers workers, int rows, int shardRows, int stride) {
        this.workers = workers;
        this.rows = rows;
        this.shardRows = shardRows;
        this.stride = stride;
        sums = new float[Math.ceilDiv(rows, shardRows)][ORIGIN + 3 * stride];
        mean = new double[stride];
        variance = new double[stride];
    }

    void of(float[] matrix) {
        x = matrix;
        workers.run(sums.length, sumShard);
        combine();
    }

    double mean(int column) {
        return mean[column];
    }

    double variance(int column) {
        return variance[column];
    }

    private int rows(int shard) {
        return Math.min(shardRows, rows - shard * shardRows);
    }

    private void sumShard(int shard) {
        for (int column = 0; column < stride; column += PANEL) {
            sumPanel(ORIGIN + shard * shardRows * stride + column, rows(shard), sums[shard], ORIGIN + column);
        }
    }

    private void sumPanel(int from, int count, float[] to, int at) {
        int end = from + count * stride;
        FloatVector sum0 = all(0f);
        FloatVector sum1 = all(0f);
        for (int i = from; i < end; i += stride) {
            sum0 = sum0.add(load(x, i));
            sum1 = sum1.add(load(x, i + COUNT));
        }
        FloatVector mean0 = sum0.div(count);
        FloatVector mean1 = sum1.div(count);
        mean0.intoArray(to, at);
        mean1.intoArray(to, at + COUNT);
        sum0 = all(0f);
        sum1 = all(0f);
        FloatVector squares0 = all(0f);
        FloatVector squares1 = all(0f);
        for (int i = from; i < end; i += stride) {
            FloatVector apart0 = load(x, i).sub(mean0);
            FloatVector apart1 = load(x, i + COUNT).sub(mean1);
            sum0 = sum0.add(apart0);
            sum1 = sum1.add(apart1);
            squares0 = apart0.fma(apart0, squares0);
            squares1 = apart1.fma(apart1, squares1);
        }
        sum0.intoArray(to, at + stride);
        sum1.intoArray(to, at + stride + COUNT);
        squares0.intoArray(to, at + 2 * stride);
        squares1.intoArray(to, at + 2 * stride + COUNT);
    }

    private void combine() {
        Arrays.fill(mean, 0);
        Arrays.fill(variance, 0);
        for (int shard = 0; shard < sums.length; shard++) {
            for (int j = 0; j < stride; j++) {
                mean[j] += shardMean(shard, j) * rows(shard) / rows;
            }
        }
        for (int shard = 0; shard < sums.length; shard++) {
            for (int j = 0; j < stride; j++) {
                double sum = sums[shard][ORIGIN + stride + j];
                double squares = sums[shard][ORIGIN + 2 * stride + j] - sum * sum / rows(shard);
                double apart = shardMean(shard, j) - mean[j];
                variance[j] += (squares + apart * apart * rows(shard)) / rows;
            }
        }
    }

    private double shardMean(int shard, int column) {
        return sums[shard][ORIGIN + column] + (double) sums[shard][ORIGIN + stride + column] / rows(shard);
    }
}
