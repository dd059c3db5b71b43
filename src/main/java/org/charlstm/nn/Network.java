package org.charlstm.nn;

import java.util.ArrayList;
import java.util.List;
import org.charlstm.device.Doubles;
import org.charlstm.device.Input;
import org.charlstm.device.Ints;
import org.charlstm.device.Linear;
import org.charlstm.device.LinearShape;
import org.charlstm.device.Lstm;
import org.charlstm.device.LstmShape;
import org.charlstm.device.LstmState;
import org.charlstm.device.Matrix;
import org.charlstm.device.Memory;

/**
 * A model's computation for one number of time steps and one batch size: the layers, the activations between them, and
 * the gradients of those. Rows are time-major: step t of sequence b is row t B + b.
 */
public final class Network {
    private final Model model;
    private final Lstm lstm;
    private final Matrix hidden;
    private final Matrix hiddenGradient;
    private final Doubles count;
    private final List<DenseLayer> dense = new ArrayList<>();

    private record DenseLayer(Linear linear, Matrix input, Matrix inputGradient, Matrix output, Matrix outputGradient) {
    }

    /**
     * The computation for one shape.
     *
     * @param model    the weights, shared with every other shape
     * @param memory   where activations live
     * @param steps    T
     * @param batch    B
     * @param training whether {@link #backward} will be called
     */
    public Network(Model model, Memory memory, int steps, int batch, boolean training) {
        this.model = model;
        ModelConfig config = model.config();
        int rows = Math.multiplyExact(steps, batch);
        lstm = model.device().operations().lstm(memory, new LstmShape(Model.lstm(config), steps, batch, training),
                model.offset(0));
        hidden = memory.matrix(rows, config.hidden());
        count = memory.doubles(1);
        count.write(new double[] {rows});
        hiddenGradient = training ? memory.matrix(rows, config.hidden()) : null;
        Matrix input = hidden;
        Matrix inputGradient = hiddenGradient;
        for (ModelConfig.Dense spec : config.denseLayers()) {
            Linear linear = model.device().operations().linear(memory,
                    new LinearShape(spec.inputs(), spec.outputs(), rows, spec.activation()),
                    model.offset(dense.size() + 1));
            Matrix output = memory.matrix(rows, spec.outputs());
            // The logits' gradient may take the logits' place; an activation's gradient needs its output.
            boolean last = dense.size() == config.denseLayers().size() - 1;
            Matrix outputGradient = !training || last ? output : memory.matrix(rows, spec.outputs());
            dense.add(new DenseLayer(linear, input, inputGradient, output, outputGradient));
            input = output;
            inputGradient = outputGradient;
        }
    }

    /**
     * Computes the logits.
     *
     * @param inputs T x B ids, time-major
     * @param state  the state before the first step; receives the state after the last. Null for zeros
     */
    public void forward(Ints inputs, LstmState state) {
        lstm.forward(model.flatWeights(), new Input.Ids(inputs), state, hidden);
        for (DenseLayer layer : dense) {
            layer.linear.forward(model.flatWeights(), layer.input, layer.output);
        }
    }

    /**
     * The last layer's output, until {@link #backward} overwrites it.
     *
     * @return (T B, V)
     */
    public Matrix logits() {
        return dense.getLast().output;
    }

    /**
     * Adds the loss of the last forward pass to the totals.
     *
     * @param targets T x B ids, time-major
     * @param totals  as {@link org.charlstm.device.Operations#crossEntropy} has them
     */
    public void loss(Ints targets, Doubles totals) {
        model.device().operations().crossEntropy(logits(), targets, null, null, totals);
    }

    /**
     * Adds the loss of the last forward pass to the totals and computes every gradient of its mean over all rows.
     *
     * @param inputs    the ids that went forward, from a state of zeros
     * @param targets   T x B ids, time-major
     * @param totals    as {@link org.charlstm.device.Operations#crossEntropy} has them
     * @param gradients a flat buffer; overwritten
     */
    public void backward(Ints inputs, Ints targets, Doubles totals, Matrix gradients) {
        DenseLayer last = dense.getLast();
        model.device().operations().crossEntropy(last.output, targets, count, last.outputGradient, totals);
        for (DenseLayer layer : dense.reversed()) {
            layer.linear.backward(model.flatWeights(), layer.input, layer.output, layer.outputGradient,
                    layer.inputGradient, gradients);
        }
        lstm.backward(model.flatWeights(), new Input.Ids(inputs), hidden, hiddenGradient, null, gradients);
    }
}
