package org.charlstm.device;

/** A layer of a network with the place of its weights, for what computes several layers at once. */
public sealed interface PlacedLayer {
    /**
     * LSTM layers one above the other.
     *
     * @param shape  their sizes, T being 1
     * @param offset where their weights begin in the flat buffer, laid out as {@link Operations#lstmLayout} says
     * @param state  what they carry from one time step to the next
     */
    record Recurrent(LstmShape shape, int offset, LstmState state) implements PlacedLayer {
    }

    /**
     * A dense layer.
     *
     * @param offset where its weights begin in the flat buffer, laid out as {@link Operations#denseLayout} says
     */
    record Dense(DenseShape shape, int offset) implements PlacedLayer {
    }
}
