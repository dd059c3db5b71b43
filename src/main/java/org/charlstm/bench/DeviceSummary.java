package org.charlstm.bench;

/**
 * A device of a grid.
 *
 * @param device      its name
 * @param precision   how exactly it computes
 * @param threads     host threads that compute; 0 where they make no difference
 * @param hardware    what it is without its software
 * @param description the same with the versions of driver and libraries
 */
public record DeviceSummary(String device, String precision, int threads, String hardware, String description) {
}
