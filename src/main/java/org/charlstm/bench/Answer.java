package org.charlstm.bench;

/**
 * What a process answers: one of the three, the others are null.
 *
 * @param failure     why there is nothing to describe
 * @param device      what the device is
 * @param measurement the configuration's
 */
record Answer(String failure, DeviceSummary device, Measurement measurement) {
}
