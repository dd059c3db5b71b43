package org.charlstm.train;

/**
 * What one epoch gave.
 *
 * @param epoch          from 1
 * @param loss           the mean over captions of their batch's loss before its update, in nats a time step
 * @param seconds        wall time, saving not counted
 * @param charsPerSecond time steps of all captions, N T, a second
 */
public record EpochMetrics(int epoch, double loss, double seconds, double charsPerSecond) {
}
