package org.charlstm.bench;

/**
 * What an operation takes of a training step that is told call by call.
 *
 * @param name    the operation, for example {@code lstm forward}
 * @param seconds in one step, all its calls together
 */
public record OperationTime(String name, double seconds) {
}
