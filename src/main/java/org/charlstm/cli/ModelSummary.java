package org.charlstm.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.charlstm.nn.ModelConfig;

/** The table of a model's layers, as Keras prints it. */
final class ModelSummary {
    private static final String ROW = "%-36s%-22s%12s";
    private static final int WIDTH = 70;

    private ModelSummary() {
    }

    static List<String> lines(ModelConfig config, int steps) {
        List<String> lines = new ArrayList<>();
        lines.add("_".repeat(WIDTH));
        lines.add(String.format(Locale.ROOT, ROW, "Layer (type)", "Output shape", "Parameters"));
        lines.add("=".repeat(WIDTH));
        for (int layer = 1; layer <= config.layers(); layer++) {
            lines.add(row("lstm_" + layer + " (LSTM)", steps, config.hidden(),
                    config.lstmTensors(layer).stream().mapToLong(ModelConfig.Spec::size).sum()));
        }
        for (ModelConfig.Dense dense : config.denseLayers()) {
            lines.add(row(dense.name() + " (TimeDistributed Dense)", steps, dense.outputs(),
                    dense.tensors().stream().mapToLong(ModelConfig.Spec::size).sum()));
            lines.add(row(dense.name() + " (" + activation(dense, config) + ")", steps, dense.outputs(), 0));
        }
        lines.add("=".repeat(WIDTH));
        lines.add(String.format(Locale.ROOT, "Total parameters: %,d", config.parameters()));
        return lines;
    }

    private static String activation(ModelConfig.Dense dense, ModelConfig config) {
        return dense.equals(config.denseLayers().getLast()) ? "softmax" : switch (dense.activation()) {
            case LINEAR -> "linear";
            case RELU -> "ReLU";
            case TANH -> "tanh";
        };
    }

    private static String row(String layer, int steps, int width, long parameters) {
        return String.format(Locale.ROOT, ROW, layer, "(None, " + steps + ", " + width + ")",
                String.format(Locale.ROOT, "%,d", parameters));
    }
}
