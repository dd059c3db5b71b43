package org.charlstm.device.reference;

import org.charlstm.device.Ints;
import org.charlstm.device.Matrix;
import org.charlstm.device.Rnn;
import org.charlstm.device.Rnn.Input;
import org.charlstm.device.host.HostInts;
import org.charlstm.device.host.Shapes;
import org.jspecify.annotations.Nullable;

/**
 * Stacked recurrent layers: each layer takes the h of the layer below. The forward pass goes up through the layers. The
 * backward pass goes down: dL/dx of a layer is dL/dh of the layer below.
 */
final class ReferenceRnn implements Rnn {
    private static final double[] NONE = {};

    private final Rnn.Shape shape;
    private final ReferenceRnnLayer[] layers;
    /** h of each layer below the highest, whose h is the output: (T B, H). */
    private final double[][] between;

    ReferenceRnn(Rnn.Shape shape, int offset) {
        this.shape = shape;
        layers = new ReferenceRnnLayer[shape.layers().count()];
        between = new double[layers.length - 1][];
        int at = offset;
        for (int l = 0; l < layers.length; l++) {
            layers[l] = ReferenceRnnLayer.of(shape, shape.layers().inputs(l), at);
            at = layers[l].end();
            if (l < between.length) {
                between[l] = ReferenceMatrix.doubles((long) shape.rows() * shape.hidden());
            }
        }
    }

    private ReferenceRnnLayer.LayerInput input(Input input, int layer) {
        if (layer > 0) {
            return new ReferenceRnnLayer.LayerInput(null, between[layer - 1]);
        }
        return switch (input) {
            case Input.Ids(Ints ids) -> new ReferenceRnnLayer.LayerInput(HostInts.of(ids), null);
            case Input.Dense(Matrix matrix) -> new ReferenceRnnLayer.LayerInput(null, ReferenceMatrix.of(matrix));
        };
    }

    private ReferenceRnnLayer.@Nullable LayerState state(Rnn.@Nullable State state, int layer) {
        int rows = layers.length * shape.batch();
        return state == null ? null
                : new ReferenceRnnLayer.LayerState(ReferenceMatrix.of(state.hidden(), rows, shape.hidden()),
                        state.cell() == null ? NONE : ReferenceMatrix.of(state.cell(), rows, shape.hidden()),
                        layer * shape.batch() * shape.hidden());
    }

    @Override
    public void forward(Matrix weights, Input input, Rnn.@Nullable State state, Matrix output) {
        Shapes.input(input, shape);
        Shapes.state(state, shape);
        if (input instanceof Input.Ids(Ints ids)) {
            Shapes.ids(HostInts.of(ids), shape.input().columns());
        }
        double[] top = ReferenceMatrix.of(output, shape.rows(), shape.hidden());
        for (int l = 0; l < layers.length; l++) {
            layers[l].forward(ReferenceMatrix.of(weights), input(input, l), state(state, l),
                    l < between.length ? between[l] : top);
        }
    }

    @Override
    public void backward(Matrix weights, Input input, Matrix output, Matrix outputGradient,
            @Nullable Matrix inputGradient, Rnn.@Nullable State stateGradient, Matrix gradients) {
        Shapes.backward(input, inputGradient, shape);
        Shapes.state(stateGradient, shape);
        double[] top = ReferenceMatrix.of(output, shape.rows(), shape.hidden());
        double[] dy = ReferenceMatrix.of(outputGradient, shape.rows(), shape.hidden());
        for (int l = layers.length - 1; l >= 0; l--) {
            double @Nullable [] dx = l > 0 ? new double[shape.rows() * shape.hidden()]
                    : inputGradient == null ? null : ReferenceMatrix.of(inputGradient);
            layers[l].backward(ReferenceMatrix.of(weights), input(input, l), l < between.length ? between[l] : top,
                    new ReferenceRnnLayer.Gradients(dy, ReferenceMatrix.of(gradients), dx, state(stateGradient, l)));
            dy = dx == null ? dy : dx;
        }
    }
}
