package org.charlstm.keras;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.charlstm.CharlstmException;
import org.charlstm.device.RecurrentActivation;
import org.charlstm.device.RecurrentCell;
import org.charlstm.io.Safetensors;
import org.charlstm.io.SavedModel;
import org.charlstm.nn.BatchNormLayer;
import org.charlstm.nn.DenseLayer;
import org.charlstm.nn.DropoutLayer;
import org.charlstm.nn.EmbeddingLayer;
import org.charlstm.nn.ModelConfig;
import org.charlstm.nn.Prediction;
import org.charlstm.nn.RecurrentLayer;
import org.charlstm.nn.Tensor;

/**
 * Writes weights with PyTorch's names and shapes.
 * <ul>
 * <li>{@code embedding.weight}: (V, E).
 * <li>{@code lstm.weight_ih_l0}, (4H, I), and so on: one {@code nn.LSTM(I, H, L)} of equal adjacent LSTM layers, with
 * gates i, f, g, o, all of the bias in {@code bias_ih} and zeros in {@code bias_hh}. Several are {@code lstm_1},
 * {@code lstm_2} and so on.
 * <li>{@code condition.weight} and {@code bias}: an {@code nn.Linear} from a sentence's features to the first h and c
 * of each LSTM layer, from the lowest on.
 * <li>{@code dense_1.weight}, (out, in), and {@code bias}: an {@code nn.Linear}.
 * <li>{@code batch_normalization_1.weight}, {@code bias}, {@code running_mean} and {@code running_var}: an
 * {@code nn.BatchNorm1d}.
 * </ul>
 * The header's {@code predict} is {@code last} if the model predicts the last step alone.
 */
final class PyTorchExport {
    private PyTorchExport() {
    }

    static void write(Path file, SavedModel model) {
        List<Tensor> tensors = new ArrayList<>();
        List<ModelConfig.Named> layers = model.config().named();
        long stacks = IntStream.range(0, layers.size()).filter(i -> beginsStack(layers, i)).count();
        int stack = 0;
        int above = 0;
        if (model.config().features() > 0) {
            tensors.add(transposed("condition.weight", model.weights().tensors().get(0)));
            tensors.add(model.weights().tensors().get(1));
        }
        for (int i = 0; i < layers.size(); i++) {
            String name = layers.get(i).name();
            List<Tensor> its = layers.get(i).tensors().stream().map(spec -> model.weights().get(spec.name())).toList();
            switch (layers.get(i).layer()) {
                case RecurrentLayer lstm -> {
                    requireKnown(((RecurrentCell.Lstm) lstm.cell()).gateActivation());
                    boolean begins = beginsStack(layers, i);
                    stack += begins ? 1 : 0;
                    above = begins ? 0 : above + 1;
                    String module = stacks == 1 ? "lstm" : "lstm_" + stack;
                    tensors.add(transposed(module + ".weight_ih_l" + above, its.get(0)));
                    tensors.add(transposed(module + ".weight_hh_l" + above, its.get(1)));
                    tensors.add(its.get(2).named(module + ".bias_ih_l" + above));
                    tensors.add(new Tensor(module + ".bias_hh_l" + above, its.get(2).shape(),
                            new double[its.get(2).values().length]));
                }
                case DenseLayer _ -> {
                    tensors.add(transposed(name + ".weight", its.get(0)));
                    tensors.add(its.get(1));
                }
                case EmbeddingLayer _ -> tensors.add(its.getFirst().named("embedding.weight"));
                case BatchNormLayer _ -> {
                    List<String> parts = List.of("weight", "bias", "running_mean", "running_var");
                    for (int part = 0; part < parts.size(); part++) {
                        tensors.add(its.get(part).named(name + "." + parts.get(part)));
                    }
                }
                case DropoutLayer _ -> {}
            }
        }
        Safetensors.write(file, tensors, metadata(model.config()));
    }

    private static Map<String, String> metadata(ModelConfig config) {
        return config.prediction() == Prediction.ALL ? Map.of("format", "pt")
                : Map.of("format", "pt", "predict", config.prediction().toString());
    }

    /** Whether a layer is an LSTM without an equal one directly below. */
    private static boolean beginsStack(List<ModelConfig.Named> layers, int layer) {
        return layers.get(layer).layer() instanceof RecurrentLayer lstm
                && (layer == 0 || !layers.get(layer - 1).layer().equals(lstm));
    }

    private static void requireKnown(RecurrentActivation activation) {
        switch (activation) {
            case SIGMOID -> {}
            case HARD_SIGMOID -> throw new CharlstmException("the model has the recurrent activation "
                    + activation + ", which PyTorch's LSTM lacks; export it to Keras");
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
