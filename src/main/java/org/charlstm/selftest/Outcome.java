package org.charlstm.selftest;

import java.util.Optional;

/**
 * What a check found.
 *
 * @param cases      how many shapes it has
 * @param difference the largest relative difference; NaN if there was a NaN, or the device gave up
 * @param passed     whether the device does it right
 * @param message    the first thing that is wrong and in which case, or what else there is to say; one line
 */
public record Outcome(String name, int cases, double difference, double tolerance, boolean passed,
        Optional<String> message) {
}
