package org.charlstm.cuda;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.charlstm.cuda.RnnWeights.Weight;

/**
 * Recurrent networks of one direction, computed step by step in double from the formulas of {@link RnnCell}.
 *
 * @param at where the weights of each layer lie in one array, by their names
 */
record RnnInDouble(RnnDescription description, List<Map<String, Weight>> at, int steps, int batch) {
    static RnnInDouble of(RnnDescription description, RnnWeights weights, int steps, int batch) {
        return new RnnInDouble(description, IntStream.range(0, description.layers()).mapToObj(layer -> weights.all()
                .stream().filter(weight -> weight.layer() == layer)
                .collect(Collectors.toMap(Weight::name, weight -> weight))).toList(), steps, batch);
    }

    /** All that a network takes: each array is as the buffer of its name. */
    record Input(double[] weights, double[] x, double[] h, double[] c) {
    }

    /** All that a network gives, or what the gradients of it are. */
    record Output(double[] y, double[] h, double[] c) {
        /** The sum of the products with another's elements. */
        double times(Output other) {
            return dot(y, other.y) + dot(h, other.h) + dot(c, other.c);
        }

        private static double dot(double[] one, double[] other) {
            double sum = 0;
            for (int i = 0; i < one.length; i++) {
                sum += one[i] * other[i];
            }
            return sum;
        }
    }

    private static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
    }

    /** Row u of a matrix times a vector that begins at an offset, and its bias. */
    private double linear(double[] weights, int layer, String name, int u, double[] vector, int offset) {
        Weight weight = Objects.requireNonNull(at.get(layer).get(name), name);
        double sum = weights[(int) weight.bias() + u];
        for (int j = 0; j < weight.columns(); j++) {
            sum += weights[(int) weight.matrix() + u * weight.columns() + j] * vector[offset + j];
        }
        return sum;
    }

    Output forward(Input input) {
        int units = description.units();
        int layers = description.layers();
        double[] h = input.h.clone();
        double[] c = input.c.clone();
        double[] below = input.x;
        int width = description.inputs();
        for (int layer = 0; layer < layers; layer++) {
            double[] y = new double[steps * batch * units];
            for (int t = 0; t < steps; t++) {
                for (int b = 0; b < batch; b++) {
                    int state = (layer * batch + b) * units;
                    int from = (t * batch + b) * width;
                    double[] next = new double[units];
                    for (int u = 0; u < units; u++) {
                        next[u] = unit(input.weights, layer, u, below, from, h, c, state);
                    }
                    System.arraycopy(next, 0, h, state, units);
                    System.arraycopy(next, 0, y, (t * batch + b) * units, units);
                }
            }
            below = y;
            width = units;
        }
        return new Output(below, h, c);
    }

    /** h of a unit after a step; its c is changed. */
    private double unit(double[] weights, int layer, int u, double[] x, int from, double[] h, double[] c, int state) {
        ToDoubleFunction<String> input = gate -> linear(weights, layer, "W_" + gate, u, x, from);
        ToDoubleFunction<String> before = gate -> linear(weights, layer, "R_" + gate, u, h, state);
        ToDoubleFunction<String> both = gate -> input.applyAsDouble(gate) + before.applyAsDouble(gate);
        return switch (description.cell()) {
            case RELU -> Math.max(0, both.applyAsDouble("h"));
            case TANH -> Math.tanh(both.applyAsDouble("h"));
            case LSTM -> {
                c[state + u] = sigmoid(both.applyAsDouble("f")) * c[state + u]
                        + sigmoid(both.applyAsDouble("i")) * Math.tanh(both.applyAsDouble("c"));
                yield sigmoid(both.applyAsDouble("o")) * Math.tanh(c[state + u]);
            }
            case GRU -> {
                double n = Math.tanh(input.applyAsDouble("n")
                        + sigmoid(both.applyAsDouble("r")) * before.applyAsDouble("n"));
                double z = sigmoid(both.applyAsDouble("z"));
                yield (1 - z) * n + z * h[state + u];
            }
        };
    }

    /** The gradients of an input's array, by central differences. */
    double[] gradients(Input input, double[] of, Output gradients) {
        double step = 1e-6;
        double[] found = new double[of.length];
        for (int i = 0; i < of.length; i++) {
            double value = of[i];
            of[i] = value + step;
            double above = forward(input).times(gradients);
            of[i] = value - step;
            found[i] = (above - forward(input).times(gradients)) / (2 * step);
            of[i] = value;
        }
        return found;
    }
}
