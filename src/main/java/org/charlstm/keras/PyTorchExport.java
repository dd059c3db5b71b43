package org.charlstm.keras;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.charlstm.CharlstmException;
import org.charlstm.device.RecurrentActivation;
import org.charlstm.io.Reason;
import org.charlstm.io.Safetensors;
import org.charlstm.io.SavedModel;
import org.charlstm.nn.DenseLayer;
import org.charlstm.nn.LstmLayer;
import org.charlstm.nn.ModelConfig;
import org.charlstm.nn.Tensor;
import org.charlstm.nn.Weights;

/**
 * Writes weights as PyTorch names and shapes them: {@code lstm.weight_ih_l0} (4H, V) and so on for
 * {@code nn.LSTM(V, H, L)}, gates i, f, g, o, all of the bias in {@code bias_ih} and zeros in {@code bias_hh};
 * {@code dense_1.weight} (out, in) and {@code dense_1.bias} for each {@code nn.Linear}.
 */
final class PyTorchExport {
    private PyTorchExport() {
    }

    static void write(Path file, SavedModel model) {
        Weights weights = model.weights();
        List<Tensor> tensors = new ArrayList<>();
        List<ModelConfig.Named> layers = model.config().named();
        for (int i = 0; i < layers.size(); i++) {
            String name = layers.get(i).name();
            Tensor kernel = weights.get(name + ".kernel");
            Tensor bias = weights.get(name + ".bias");
            switch (layers.get(i).layer()) {
                case LstmLayer lstm -> {
                    requireKnown(lstm.recurrentActivation());
                    if (i > 0 && !layers.get(i - 1).layer().equals(lstm)) {
                        throw new CharlstmException("the model's LSTM layers are not of one width with nothing between "
                                + "them, as PyTorch's LSTM is; export it to Keras");
                    }
                    tensors.add(transposed("lstm.weight_ih_l" + i, kernel));
                    tensors.add(transposed("lstm.weight_hh_l" + i, weights.get(name + ".recurrent_kernel")));
                    tensors.add(new Tensor("lstm.bias_ih_l" + i, bias.shape(), bias.values()));
                    tensors.add(new Tensor("lstm.bias_hh_l" + i, bias.shape(), new double[bias.values().length]));
                }
                case DenseLayer _ -> {
                    tensors.add(transposed(name + ".weight", kernel));
                    tensors.add(bias);
                }
            }
        }
        try {
            Safetensors.write(file, tensors, Map.of("format", "pt"));
        } catch (IOException e) {
            throw new CharlstmException(file + " cannot be written: " + Reason.of(e), e);
        }
    }

    private static void requireKnown(RecurrentActivation activation) {
        switch (activation) {
            case SIGMOID -> {}
            case HARD_SIGMOID -> throw new CharlstmException("the model has the recurrent activation "
                    + activation.title() + ", which PyTorch's LSTM lacks; export it to Keras");
        }
    }

    private static Tensor transposed(String name, Tensor matrix) {
        int rows = matrix.shape().getFirst();
        int columns = matrix.shape().getLast();
        double[] values = new double[matrix.values().length];
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < columns; column++) {
                values[column * rows + row] = matrix.values()[row * columns + column];
            }
        }
        return new Tensor(name, List.of(columns, rows), values);
    }
}
