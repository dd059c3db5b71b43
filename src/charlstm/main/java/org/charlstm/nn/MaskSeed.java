package org.charlstm.nn;

import org.charlstm.device.Dropout;
import org.charlstm.device.Ints;

/**
 * The seed of dropout masks: with it, a mask is a function of the layer and the element.
 *
 * @param batch one element on the device: the number of the batch, which each training step raises by 1
 * @param rows  which sequences of a larger batch the network computes
 */
public record MaskSeed(long seed, Ints batch, Dropout.Rows rows) {
    /** For a network of whole batches. */
    public MaskSeed(long seed, Ints batch) {
        this(seed, batch, Dropout.Rows.ALL);
    }
}
