package org.charlstm.keras;

import module java.base;
import org.charlstm.device.RecurrentCell;
import org.charlstm.io.SavedModel;
import org.charlstm.io.format.Safetensors;
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
 * <li>{@code lstm.weight_ih_l0}, (4H, I), and so on: one {@code nn.LSTM(I, H, L)} for equal adjacent LSTM layers, with
 * gates i, f, g, o. {@code bias_ih} has the whole bias and {@code bias_hh} zeros. Several such modules are
 * {@code lstm_1}, {@code lstm_2} and so on. Likewise {@code gru.weight_ih_l0}, (3H, I), is an {@code nn.GRU} with the
 * gates r, z, n and both biases, and {@code rnn.weight_ih_l0}, (H, I), is an {@code nn.RNN}.
 * <li>{@code condition.weight} and {@code bias}: an {@code nn.Linear} from a sentence's features to the first h (and c
 * of an LSTM) of each recurrent layer, from the lowest layer up.
 * <li>{@code dense_1.weight}, (out, in), and {@code bias}: an {@code nn.Linear}.
 * <li>{@code batch_normalization_1.weight}, {@code bias}, {@code running_mean} and {@code running_var}: an
 * {@code nn.BatchNorm1d}.
 * </ul>
 * In the header, {@code predict} is {@code last} if the model predicts only the last step, and {@code rnn.nonlinearity}
 * is the option {@code nonlinearity} of an {@code nn.RNN}.
 */
final class PyTorchExport {
    /** The names of a layer's tensors in its module, without the layer's number. */
    static final String WEIGHT = ".weight_ih_l";
    static final String RECURRENT_WEIGHT = ".weight_hh_l";
    static final String BIAS = ".bias_ih_l";
    static final String RECURRENT_BIAS = ".bias_hh_l";
    /** The metadata key of a model that predicts only the last step. */
    static final String PREDICT = "predict";
    /** The metadata key of an activation, appended to the name of a module. */
    static final String NONLINEARITY = ".nonlinearity";

    static void write(Path file, SavedModel model) {
        List<Tensor> tensors = new ArrayList<>();
        List<ModelConfig.Named> layers = model.config().named();
        Map<String, Long> stacks = IntStream.range(0, layers.size()).filter(i -> beginsStack(layers, i))
                .mapToObj(i -> layers.get(i).layer().kind())
                .collect(Collectors.groupingBy(Function.identity(), Collectors.counting()));
        Map<String, String> metadata = metadata(model.config());
        Map<String, Integer> stack = new HashMap<>();
        int above = 0;
        if (model.config().features() > 0) {
            tensors.add(transposed("condition.weight", model.weights().tensors().get(0)));
            tensors.add(model.weights().tensors().get(1));
        }
        for (int i = 0; i < layers.size(); i++) {
            String name = layers.get(i).name();
            List<Tensor> its = layers.get(i).tensors().stream().map(spec -> model.weights().get(spec.name())).toList();
            switch (layers.get(i).layer()) {
                case RecurrentLayer recurrent -> {
                    ForeignCell cell = ForeignCell.of(recurrent.cell());
                    cell.requireOfPyTorch(recurrent.cell());
                    boolean begins = beginsStack(layers, i);
                    above = begins ? 0 : above + 1;
                    int number = stack.merge(cell.kind(), begins ? 1 : 0, Integer::sum);
                    String module = cell.kind() + (Objects.equals(stacks.get(cell.kind()), 1L) ? "" : "_" + number);
                    its = its.stream().map(tensor -> ForeignCell.reordered(tensor, cell.gatesOfPyTorch())).toList();
                    tensors.add(transposed(module + WEIGHT + above, its.get(0)));
                    tensors.add(transposed(module + RECURRENT_WEIGHT + above, its.get(1)));
                    double[] biases = Arrays.copyOf(its.get(2).values(), 2 * cell.gates() * recurrent.units());
                    int half = biases.length / 2;
                    tensors.add(new Tensor(module + BIAS + above, List.of(half), Arrays.copyOf(biases, half)));
                    tensors.add(new Tensor(module + RECURRENT_BIAS + above, List.of(half),
                            Arrays.copyOfRange(biases, half, biases.length)));
                    String activation = recurrent.cell().options().get(RecurrentCell.ACTIVATION);
                    if (activation != null) {
                        metadata.put(module + NONLINEARITY, activation);
                    }
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
        Safetensors.write(file, tensors, metadata);
    }

    private static Map<String, String> metadata(ModelConfig config) {
        Map<String, String> metadata = new LinkedHashMap<>(Map.of("format", "pt"));
        if (config.prediction() != Prediction.ALL) {
            metadata.put(PREDICT, config.prediction().toString());
        }
        return metadata;
    }

    /** Whether a layer is recurrent and has no equal layer directly below. */
    private static boolean beginsStack(List<ModelConfig.Named> layers, int layer) {
        return layers.get(layer).layer() instanceof RecurrentLayer recurrent
                && (layer == 0 || !layers.get(layer - 1).layer().equals(recurrent));
    }

    /** The name of a module's tensors without the layer's number; an empty name stands for the model itself. */
    static String name(String module, String tensor) {
        return module.isEmpty() ? tensor.substring(1) : module + tensor;
    }

    static Tensor transposed(String name, Tensor matrix) {
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
