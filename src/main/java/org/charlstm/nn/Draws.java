package org.charlstm.nn;

import org.charlstm.device.Ints;

/**
 * What the masks of dropout layers are drawn from, beside their places.
 *
 * @param seed  the generator's key
 * @param batch one element on the device: the batch's number, which goes up with each that a network trains on
 */
public record Draws(long seed, Ints batch) {
}
