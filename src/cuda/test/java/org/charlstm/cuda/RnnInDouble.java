package org.charlstm.cuda;

import module java.base;
import org.charlstm.cuda.CudnnRnn.Shape;
import org.charlstm.cuda.RnnWeights.Weight;

/**
 * Recurrent networks, computed step by step in double from the formulas of {@link RnnCell}. Sequences are time-major
 * with padding, which is not read, and written as zeros.
 *
 * @param at where the weights of each layer and direction lie in one array, by their names
 */
record RnnInDouble(RnnDescription description, List<Map<String, Weight>> at, Shape shape) {
    static RnnInDouble of(RnnDescription description, RnnWeights weights, Shape shape) {
        return new RnnInDouble(description, IntStream.range(0, description.layers() * description.directions())
                .mapToObj(layer -> weights.all().stream()
                        .filter(weight -> weight.layer() == layer / description.directions()
                                && weight.backward() == (layer % description.directions() == 1))
                        .collect(Collectors.toMap(Weight::name, weight -> weight)))
                .toList(), shape);
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

    /** Row u of a matrix times a vector that begins at an offset, and its bias if it has one. */
    private double linear(double[] weights, int layer, String name, int u, double[] vector, int offset) {
        Weight weight = Objects.requireNonNull(at.get(layer).get(name), name);
        double sum = weight.bias() < 0 ? 0 : weights[(int) weight.bias() + u];
        for (int j = 0; j < weight.columns(); j++) {
            sum += weights[(int) weight.matrix() + u * weight.columns() + j] * vector[offset + j];
        }
        return sum;
    }

    Output forward(Input input) {
        int batch = shape.batch();
        int outputs = description.outputs();
        double[] h = input.h.clone();
        double[] c = input.c.clone();
        double[] below = input.x;
        int width = description.inputs();
        for (int layer = 0; layer < at.size(); layer += description.directions()) {
            double[] y = new double[shape.steps() * batch * description.columns()];
            for (int direction = 0; direction < description.directions(); direction++) {
                for (int b = 0; b < batch; b++) {
                    int length = shape.lengths().get(b);
                    for (int i = 0; i < length; i++) {
                        int line = (direction == 0 ? i : length - 1 - i) * batch + b;
                        step(input.weights, layer + direction, below, line * width, h, c, b);
                        System.arraycopy(h, ((layer + direction) * batch + b) * outputs, y,
                                line * description.columns() + direction * outputs, outputs);
                    }
                }
            }
            below = y;
            width = description.columns();
        }
        return new Output(below, h, c);
    }

    /** Changes the state of a sequence in a layer of one direction. */
    private void step(double[] weights, int layer, double[] x, int from, double[] h, double[] c, int b) {
        int units = description.units();
        int outputs = description.outputs();
        int state = (layer * shape.batch() + b) * outputs;
        int cell = (layer * shape.batch() + b) * units;
        double[] next = new double[units];
        for (int u = 0; u < units; u++) {
            next[u] = unit(weights, layer, u, x, from, h, state, c, cell + u);
        }
        for (int o = 0; o < outputs; o++) {
            h[state + o] = description.projection() == 0 ? next[o] : linear(weights, layer, "P", o, next, 0);
        }
    }

    /** The output of a unit after a step; its c is changed. */
    private double unit(double[] weights, int layer, int u, double[] x, int from, double[] h, int state, double[] c,
            int cell) {
        ToDoubleFunction<String> input = gate -> linear(weights, layer, "W_" + gate, u, x, from);
        ToDoubleFunction<String> before = gate -> linear(weights, layer, "R_" + gate, u, h, state);
        ToDoubleFunction<String> both = gate -> input.applyAsDouble(gate) + before.applyAsDouble(gate);
        return switch (description.cell()) {
            case RELU -> Math.max(0, both.applyAsDouble("h"));
            case TANH -> Math.tanh(both.applyAsDouble("h"));
            case LSTM -> {
                c[cell] = sigmoid(both.applyAsDouble("f")) * c[cell]
                        + sigmoid(both.applyAsDouble("i")) * Math.tanh(both.applyAsDouble("c"));
                yield sigmoid(both.applyAsDouble("o")) * Math.tanh(c[cell]);
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
