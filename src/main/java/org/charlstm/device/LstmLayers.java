package org.charlstm.device;

/**
 * LSTM layers between which nothing stands, each fed by the one below: what their weights are like, whatever they run
 * over.
 *
 * @param input               what the lowest one takes
 * @param hidden              H, units of each layer
 * @param count               L, layers
 */
public record LstmLayers(InputShape input, int hidden, int count, RecurrentActivation recurrentActivation) {
    /** Refuses sizes below 1. */
    public LstmLayers {
        if (hidden < 1 || count < 1) {
            throw new IllegalArgumentException("an LSTM of " + hidden + " units and " + count
                    + " layers: each must be at least 1");
        }
    }

    /**
     * Layers with sigmoid gates.
     *
     * @param input  what the lowest one takes
     */
    public LstmLayers(InputShape input, int hidden, int count) {
        this(input, hidden, count, RecurrentActivation.SIGMOID);
    }

    /**
     * Rows of a layer's kernel.
     *
     * @param layer from 0, the lowest
     * @return V or I for the lowest, H for those above it
     */
    public int inputs(int layer) {
        return layer == 0 ? input.columns() : hidden;
    }
}
