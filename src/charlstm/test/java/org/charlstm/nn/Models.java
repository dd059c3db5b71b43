package org.charlstm.nn;

import module java.base;
import org.charlstm.device.Activation;
import org.charlstm.device.RecurrentActivation;
import org.charlstm.device.RecurrentCell;

/** Models in the form of the lab's: LSTM layers of one width, then dense ones. */
public final class Models {
    private Models() {
    }

    /** One LSTM layer and a middle layer with a ReLU, or none where it has 0 units. */
    public static ModelConfig of(int symbols, int hidden, int dense) {
        return of(symbols, hidden, 1, dense);
    }

    /** The same with a number of LSTM layers. */
    public static ModelConfig of(int symbols, int hidden, int layers, int dense) {
        return of(symbols, new RecurrentLayer(hidden), layers,
                dense == 0 ? List.of() : List.of(new DenseLayer(dense, Activation.RELU)));
    }

    /** Two layers of a cell below a dense layer with ReLU and the last one. */
    public static ModelConfig two(RecurrentCell cell, int symbols, int hidden, int dense) {
        RecurrentLayer layer = new RecurrentLayer(hidden, cell);
        return ModelConfig.of(symbols, layer, layer, new DenseLayer(dense, Activation.RELU));
    }

    /** A number of LSTM layers with these gates, then these dense layers and the last one. */
    public static ModelConfig of(int symbols, int hidden, int layers, RecurrentActivation gates,
            List<DenseLayer> middle) {
        return of(symbols, new RecurrentLayer(hidden, new RecurrentCell.Lstm(gates)), layers, middle);
    }

    private static ModelConfig of(int symbols, RecurrentLayer lstm, int layers, List<DenseLayer> middle) {
        List<Layer> below = new ArrayList<>(Collections.nCopies(layers, lstm));
        below.addAll(middle);
        return ModelConfig.of(symbols, below);
    }
}
