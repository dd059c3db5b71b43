package org.charlstm.device.spi;

import module java.base;
import org.charlstm.device.Matrix;
import org.charlstm.device.Memory;
import org.charlstm.device.Operations;
import org.charlstm.device.Rnn;
import org.jspecify.annotations.Nullable;

/** The operations of a device that may compute several layers in one operation. */
public interface ComposedOperations extends Operations {
    /** The composed operations of a device; empty if the device computes layers one by one. */
    static Optional<ComposedOperations> of(Operations operations) {
        return operations instanceof ComposedOperations those ? Optional.of(those) : Optional.empty();
    }

    /**
     * Makes the layers of {@link Operations#rnn} on a device that measures them together with the {@link #head} above.
     *
     * @param above the head that takes the layers' output, all rows in one part; null for none
     */
    default Rnn rnn(Memory memory, Rnn.Shape shape, int offset, Head.@Nullable Shape above) {
        return rnn(memory, shape, offset);
    }

    /**
     * Two dense layers, the second linear, with cross-entropy and all gradients in one operation. Calling the layers
     * and {@link #crossEntropy} one by one gives the same except for rounding.
     *
     * @param memory where its workspace lives
     * @param offset where the first layer's weights begin in the flat buffers; the second layer's weights follow, both
     *               laid out as {@link #denseLayout} says
     * @return empty if the device has no such operation for the shape
     */
    default Optional<Head> head(Memory memory, Head.Shape shape, int offset) {
        return Optional.empty();
    }

    /**
     * An operation that draws many symbols and feeds them to the network in one call.
     *
     * @param memory  where its workspace lives
     * @param layers  the layers, the lowest first; the lowest takes ids
     * @param weights the flat weights of all layers
     * @param logits  the output of the highest layer, (B, V): read and written
     * @return empty if the device has no such operation for these layers
     */
    default Optional<Sampling> sampling(Memory memory, List<Sampling.Layer> layers, Matrix weights, Matrix logits) {
        return Optional.empty();
    }
}
