package org.charlstm.nn;

import org.charlstm.device.Dropout;
import org.charlstm.device.Ints;

/**
 * What the masks of dropout layers are drawn from, beside their places.
 *
 * @param batch one element on the device: the batch's number, which goes up with each that a network trains on
 * @param rows  which sequences of a larger batch those of the network are
 */
public record Draws(long seed, Ints batch, Dropout.Rows rows) {
    /** What a network of whole batches draws from. */
    public Draws(long seed, Ints batch) {
        this(seed, batch, Dropout.Rows.ALL);
    }
}
