package org.charlstm.experiment;

/**
 * What a process answers: one of the three, the others are null.
 *
 * @param failure     why there is nothing to describe
 * @param description the device's
 * @param measurement the configuration's
 */
record Answer(String failure, String description, Measurement measurement) {
}
