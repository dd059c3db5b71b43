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
            lines.add(String.format(Locale.ROOT, ROW, "condition (Dense, first states)",
                    "(None, " + config.tensors().getFirst().shape().getLast() + ")",
                    String.format(Locale.ROOT, "%,d", config.conditioningParameters())));
        }
        for (ModelConfig.Named layer : config.named()) {
            int width = layer.width();
            switch (layer.layer()) {
                case LstmLayer _ -> lines.add(row(layer.name() + " (LSTM)", steps, width, layer.parameters()));
                case EmbeddingLayer _ ->
                    lines.add(row(layer.name() + " (Embedding)", steps, width, layer.parameters()));
                case DropoutLayer dropout -> lines.add(row(String.format(Locale.ROOT, "%s (Dropout %s)", layer.name(),
                        dropout.rate()), steps, width, 0));
                case BatchNormLayer _ -> lines.add(row(layer.name() + " (BatchNorm)", steps, width,
                        layer.parameters()));
                case DenseLayer dense -> {
                    lines.add(row(layer.name() + " (TimeDistributed Dense)", steps, width, layer.parameters()));
                    lines.add(row(layer.name() + " (" + (layer.equals(config.named().getLast()) ? "softmax"
                            : title(dense.activation())) + ")", steps, width, 0));
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

    private static String row(String layer, int steps, int width, long parameters) {
        return String.format(Locale.ROOT, ROW, layer, "(None, " + (steps == 0 ? "None" : steps) + ", " + width + ")",
                String.format(Locale.ROOT, "%,d", parameters));
    }
}
