package org.charlstm.device.spi;

import module java.base;
import org.charlstm.device.Matrix;
import org.charlstm.device.Memory;
import org.charlstm.device.Operations;
import org.charlstm.device.Rnn;
import org.jspecify.annotations.Nullable;

/** The operations of a device that may compute several layers as one. */
public interface ComposedOperations extends Operations {
    /** These of a device; empty if it computes layers one by one. */
    static Optional<ComposedOperations> of(Operations operations) {
        return operations instanceof ComposedOperations those ? Optional.of(those) : Optional.empty();
    }

    /**
     * The layers of {@link Operations#rnn}, for a device that measures them together with the {@link #head} above.
     *
     * @param above the head that takes their output, all rows in one part; null for none
     */
    default Rnn rnn(Memory memory, Rnn.Shape shape, int offset, Head.@Nullable Shape above) {
        return rnn(memory, shape, offset);
    }

    /**
     * Two dense layers, the second of them linear, with cross-entropy and all gradients as one operation. Calling the
     * layers and {@link #crossEntropy} one by one gives the same except for rounding.
     *
     * @param memory where its workspace lives
     * @param offset where the first layer's weights begin in the flat buffers; the second's follow them, both laid out
     *               as {@link #denseLayout} says
     * @return empty if the device has no such operation for the shape
     */
    default Optional<Head> head(Memory memory, Head.Shape shape, int offset) {
        return Optional.empty();
    }

    /**
     * An operation that draws and feeds many symbols at once.
     *
     * @param memory  where its workspace lives
     * @param layers  the layers, the lowest, which takes ids, first
     * @param weights the flat weights of all layers
     * @param logits  what the highest layer gives, (B, V): read and written
     * @return empty if the device has none for these layers
     */
    default Optional<Sampling> sampling(Memory memory, List<Sampling.Layer> layers, Matrix weights, Matrix logits) {
        return Optional.empty();
    }
}
