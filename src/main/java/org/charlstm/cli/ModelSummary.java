package org.charlstm.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.charlstm.device.Activation;
import org.charlstm.nn.BatchNormLayer;
import org.charlstm.nn.DenseLayer;
import org.charlstm.nn.DropoutLayer;
import org.charlstm.nn.EmbeddingLayer;
import org.charlstm.nn.LstmLayer;
import org.charlstm.nn.ModelConfig;
import org.charlstm.nn.Prediction;
import org.charlstm.nn.TensorSpec;

/** The table of a model's layers, as Keras prints it. */
final class ModelSummary {
    private static final String ROW = "%-36s%-22s%12s";
    private static final int WIDTH = 70;

    private ModelSummary() {
    }

    /** One line a layer; of 0 time steps, which nobody knows, as Keras has it. */
    static List<String> lines(ModelConfig config, int steps) {
        List<String> lines = new ArrayList<>();
        lines.add("_".repeat(WIDTH));
        lines.add(String.format(Locale.ROOT, ROW, "Layer (type)", "Output shape", "Parameters"));
        lines.add("=".repeat(WIDTH));
        if (config.features() > 0) {
            lines.add(row("condition (Dense, first states)",
                    "(None, " + config.tensors().getFirst().shape().getLast() + ")", config.conditioningParameters()));
        }
        int top = config.layers().stream().map(LstmLayer.class::isInstance).toList().lastIndexOf(true);
        for (int i = 0; i < config.layers().size(); i++) {
            ModelConfig.Named layer = config.named().get(i);
            boolean each = config.prediction() == Prediction.ALL || i < top;
            String shape = "(None, " + (!each ? "" : steps == 0 ? "None, " : steps + ", ") + layer.width() + ")";
            switch (layer.layer()) {
                case LstmLayer _ -> lines.add(row(layer.name() + " (LSTM)", shape, layer.parameters()));
                case EmbeddingLayer _ ->
                    lines.add(row(layer.name() + " (Embedding)", shape, layer.parameters()));
                case DropoutLayer dropout -> lines.add(row(String.format(Locale.ROOT, "%s (Dropout %s)", layer.name(),
                        dropout.rate()), shape, 0));
                case BatchNormLayer _ -> lines.add(row(layer.name() + " (BatchNorm)", shape,
                        layer.parameters()));
                case DenseLayer dense -> {
                    lines.add(row(layer.name() + (each ? " (TimeDistributed Dense)" : " (Dense)"), shape,
                            layer.parameters()));
                    lines.add(row(layer.name() + " (" + (layer.equals(config.named().getLast()) ? "softmax"
                            : title(dense.activation())) + ")", shape, 0));
                }
            }
        }
        lines.add("=".repeat(WIDTH));
        lines.add(String.format(Locale.ROOT, "Total parameters: %,d", config.parameters()));
        long untrained = config.tensors().stream().filter(tensor -> !tensor.trained()).mapToLong(TensorSpec::size)
                .sum();
        if (untrained > 0) {
            lines.add(String.format(Locale.ROOT, "Not trained: %,d", untrained));
        }
        return lines;
    }

    private static String title(Activation activation) {
        return switch (activation) {
            case LINEAR -> "linear";
            case RELU -> "ReLU";
            case TANH -> "tanh";
        };
    }

    private static String row(String layer, String shape, long parameters) {
        return String.format(Locale.ROOT, ROW, layer, shape, String.format(Locale.ROOT, "%,d", parameters));
    }
}
