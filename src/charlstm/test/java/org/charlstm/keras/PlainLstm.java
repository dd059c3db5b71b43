package org.charlstm.keras;

import java.util.List;
import org.charlstm.device.RecurrentActivation;
import org.charlstm.device.RecurrentCell;

/** A Keras model in plain double loops, straight from Keras' formulas. */
final class PlainLstm {
    private final KerasModel model;

    PlainLstm(KerasModel model) {
        this.model = model;
    }

    /** The output of the last LSTM layer at the last step. */
    double[] lstm(List<double[]> inputs) {
        List<double[]> sequence = inputs;
        for (KerasLayer layer : model.layers()) {
            if (layer.kind() instanceof KerasLayer.Recurrent) {
                sequence = lstm(layer, sequence);
            }
        }
        return sequence.getLast();
    }

    /** The output of the last Dense layer at the last step, before a softmax. */
    double[] logits(List<double[]> inputs) {
        double[] at = lstm(inputs);
        for (KerasLayer layer : model.layers()) {
            if (layer.kind() instanceof KerasLayer.Dense dense) {
                at = affine(at, layer.arrays().get(0).values(), layer.arrays().get(1).values());
                for (int i = 0; i < at.length; i++) {
                    at[i] = switch (dense.activation().orElse("softmax")) {
                        case "relu" -> Math.max(0, at[i]);
                        case "tanh" -> Math.tanh(at[i]);
                        default -> at[i];
                    };
                }
            }
        }
        return at;
    }

    private List<double[]> lstm(KerasLayer layer, List<double[]> inputs) {
        int units = layer.units();
        double[] h = new double[units];
        double[] c = new double[units];
        return inputs.stream().map(x -> {
            double[] z = affine(x, layer.arrays().get(0).values(), layer.arrays().get(2).values());
            double[] recurrent = affine(h, layer.arrays().get(1).values(), new double[4 * units]);
            for (int j = 0; j < units; j++) {
                double i = gate(layer, z[j] + recurrent[j]);
                double f = gate(layer, z[units + j] + recurrent[units + j]);
                double g = Math.tanh(z[2 * units + j] + recurrent[2 * units + j]);
                double o = gate(layer, z[3 * units + j] + recurrent[3 * units + j]);
                c[j] = f * c[j] + i * g;
                h[j] = o * Math.tanh(c[j]);
            }
            return h.clone();
        }).toList();
    }

    private double gate(KerasLayer layer, double x) {
        KerasLayer.Recurrent lstm = (KerasLayer.Recurrent) layer.kind();
        String activation = lstm.said().getOrDefault(RecurrentCell.GATES, model.recurrentActivation().toString());
        return RecurrentActivation.of(activation) == RecurrentActivation.SIGMOID
                ? 1 / (1 + Math.exp(-x)) : Math.clamp(0.2 * x + 0.5, 0, 1);
    }

    private static double[] affine(double[] x, double[] kernel, double[] bias) {
        double[] y = bias.clone();
        for (int i = 0; i < x.length; i++) {
            for (int j = 0; j < y.length; j++) {
                y[j] += x[i] * kernel[i * y.length + j];
            }
        }
        return y;
    }
}
