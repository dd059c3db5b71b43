package org.charlstm.bench;

/**
 * What a process is asked to do: describe a device, or measure a configuration on it.
 *
 * @param text          the captions
 * @param protocol      how to measure
 * @param setup         the device
 * @param configuration what to measure; null to describe the device
 */
record Task(TextSource text, Protocol protocol, Setup setup, Configuration configuration) {
}
