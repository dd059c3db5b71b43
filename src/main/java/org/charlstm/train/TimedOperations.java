package org.charlstm.train;

import java.util.LinkedHashMap;
import java.util.Map;
import org.charlstm.device.Device;
import org.charlstm.device.Doubles;
import org.charlstm.device.Ints;
import org.charlstm.device.Linear;
import org.charlstm.device.LinearShape;
import org.charlstm.device.Lstm;
import org.charlstm.device.LstmShape;
import org.charlstm.device.LstmState;
import org.charlstm.device.Matrix;
import org.charlstm.device.Memory;
import org.charlstm.device.Operations;
import org.charlstm.device.RecurrentActivation;
import org.charlstm.device.WeightLayout;

/** Another's operations, each timed until it is done. */
final class TimedOperations implements Operations {
    private final Operations operations;
    /** Read after each operation on a device that runs behind the host: that waits. Null elsewhere. */
    private final Doubles last;
    private final Map<String, Long> nanos = new LinkedHashMap<>();

    TimedOperations(Device device, Memory memory) {
        operations = device.operations();
        last = device.runsBehind() ? memory.doubles(1) : null;
    }

    /** Nanoseconds by operation since the last {@link #clear}, in the order in which a step first came to each. */
    Map<String, Long> nanos() {
        return nanos;
    }

    void clear() {
        nanos.clear();
    }

    private void time(String name, Runnable operation) {
        long start = System.nanoTime();
        operation.run();
        if (last != null) {
            last.read();
        }
        nanos.merge(name, System.nanoTime() - start, Long::sum);
    }

    private final class TimedLstm implements Lstm {
        private final Lstm lstm;

        TimedLstm(Lstm lstm) {
            this.lstm = lstm;
        }

        @Override
        public void forward(Matrix weights, Ints ids, LstmState state, Matrix output) {
            time("lstm forward", () -> lstm.forward(weights, ids, state, output));
        }

        @Override
        public void backward(Matrix weights, Ints ids, Matrix output, Matrix outputGradient, Matrix gradients) {
            time("lstm backward", () -> lstm.backward(weights, ids, output, outputGradient, gradients));
        }
    }

    private final class TimedLinear implements Linear {
        private final Linear linear;
        private final String name;

        TimedLinear(Linear linear, String name) {
            this.linear = linear;
            this.name = name;
        }

        @Override
        public void forward(Matrix weights, Matrix input, Matrix output) {
            time(name + " forward", () -> linear.forward(weights, input, output));
        }

        @Override
        public void backward(Matrix weights, Matrix input, Matrix output, Matrix outputGradient, Matrix inputGradient,
                Matrix gradients) {
            time(name + " backward", () ->
                    linear.backward(weights, input, output, outputGradient, inputGradient, gradients));
        }
    }

    @Override
    public WeightLayout lstmLayout(int symbols, int hidden, int layers, RecurrentActivation activation) {
        return operations.lstmLayout(symbols, hidden, layers, activation);
    }

    @Override
    public Lstm lstm(Memory memory, LstmShape shape, int offset) {
        return new TimedLstm(operations.lstm(memory, shape, offset));
    }

    @Override
    public WeightLayout linearLayout(int inputs, int outputs) {
        return operations.linearLayout(inputs, outputs);
    }

    @Override
    public Linear linear(Memory memory, LinearShape shape, int offset) {
        return new TimedLinear(operations.linear(memory, shape, offset),
                "dense " + shape.inputs() + "x" + shape.outputs());
    }

    @Override
    public void gather(Ints corpus, Ints order, Ints cursor, Ints inputs, Ints targets, int batch) {
        time("gather", () -> operations.gather(corpus, order, cursor, inputs, targets, batch));
    }

    @Override
    public void add(Ints values, int amount) {
        time("add", () -> operations.add(values, amount));
    }

    @Override
    public void append(Ints values, Ints position, Ints history) {
        time("append", () -> operations.append(values, position, history));
    }

    @Override
    public void crossEntropy(Matrix logits, Ints targets, Matrix gradient, Doubles totals) {
        time("crossEntropy", () -> operations.crossEntropy(logits, targets, gradient, totals));
    }

    @Override
    public void rmsProp(Matrix weights, Matrix gradients, Matrix meanSquares, Doubles learningRate, double decay,
            double epsilon) {
        time("rmsProp", () -> operations.rmsProp(weights, gradients, meanSquares, learningRate, decay, epsilon));
    }

    @Override
    public void draw(Matrix logits, double temperature, long seed, Ints sentences, Ints position, Ints drawn) {
        time("draw", () -> operations.draw(logits, temperature, seed, sentences, position, drawn));
    }
}
