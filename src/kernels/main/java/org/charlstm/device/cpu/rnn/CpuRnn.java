package org.charlstm.device.cpu.rnn;

import java.util.stream.IntStream;
import org.charlstm.device.Ints;
import org.charlstm.device.Matrix;
import org.charlstm.device.Rnn;
import org.charlstm.device.Rnn.Input;
import org.charlstm.device.WeightLayout;
import org.charlstm.device.cpu.tools.CpuMatrix;
import org.charlstm.device.cpu.tools.Lanes;
import org.charlstm.device.cpu.tools.Workers;
import org.charlstm.device.host.HostInts;
import org.charlstm.device.host.LayersInOrder;
import org.charlstm.device.host.Shapes;
import org.jspecify.annotations.Nullable;

/** Stacked recurrent layers. */
public final class CpuRnn implements Rnn {
    /** The number of sequences that one thread takes through all steps. */
    public static final int GROUP = CpuRnnLayer.ROWS;

    private static final int[] NO_IDS = {};
    private static final float[] NO_NUMBERS = {};

    private final Rnn.Shape shape;
    private final CpuRnnLayer[] layers;
    /** h of each layer except the highest, and dL/dh of these layers: (T B, H). */
    private final float[][] between;
    private final float[][] betweenGradients;

    /** Makes layers whose weights begin at an offset in the flat buffers. */
    public CpuRnn(Workers workers, Rnn.Shape shape, int offset) {
        this.shape = shape;
        layers = new CpuRnnLayer[shape.layers().count()];
        between = new float[layers.length - 1][];
        betweenGradients = new float[layers.length - 1][];
        int at = offset;
        for (int l = 0; l < layers.length; l++) {
            CpuRnnLayout layout = layoutOf(shape.layers(), l);
            layers[l] = new CpuRnnLayer(workers, shape, layout, at);
            at += layout.size();
            if (l < between.length) {
                long size = (long) shape.rows() * Lanes.padded(shape.hidden());
                between[l] = CpuMatrix.floats(size);
                betweenGradients[l] = shape.training() ? CpuMatrix.floats(size) : NO_NUMBERS;
            }
        }
    }

    private static CpuRnnLayout layoutOf(Rnn.Layers layers, int layer) {
        return new CpuRnnLayout(layers.inputs(layer), layers.hidden(), layer == 0 && layers.input().ids(),
                CpuCell.Form.of(layers.cell()));
    }

    public static WeightLayout layout(Rnn.Layers layers) {
        return new LayersInOrder(IntStream.range(0, layers.count()).mapToObj(l -> layoutOf(layers, l)).toList(), 3);
    }

    /** The ids of a layer's input; empty if the input is a matrix. */
    private static int[] ids(Input input, int layer) {
        return layer == 0 && input instanceof Input.Ids(Ints ids) ? HostInts.of(ids) : NO_IDS;
    }

    /** The matrix of a layer's input; empty if the input is ids. */
    private float[] numbers(Input input, int layer) {
        return layer > 0 ? between[layer - 1]
                : input instanceof Input.Dense(Matrix matrix) ? CpuMatrix.of(matrix).values() : NO_NUMBERS;
    }

    private float @Nullable [] part(@Nullable Matrix part) {
        return part == null ? null : CpuMatrix.of(part, layers.length * shape.batch(), shape.hidden()).values();
    }

    @Override
    public void forward(Matrix weights, Input input, Rnn.@Nullable State state, Matrix output) {
        Shapes.input(input, shape);
        Shapes.state(state, shape);
        if (input instanceof Input.Ids(Ints ids)) {
            Shapes.ids(HostInts.of(ids), shape.input().columns());
        }
        float[] flat = CpuMatrix.of(weights).values();
        float @Nullable [] hidden = part(state == null ? null : state.hidden());
        float @Nullable [] cell = part(state == null ? null : state.cell());
        float[] top = CpuMatrix.of(output, shape.rows(), shape.hidden()).values();
        for (int l = 0; l < layers.length; l++) {
            layers[l].forward(flat, ids(input, l), numbers(input, l), hidden, cell, l * shape.batch(),
                    l == layers.length - 1 ? top : between[l]);
        }
    }

    @Override
    public void backward(Matrix weights, Input input, Matrix output, Matrix outputGradient,
            @Nullable Matrix inputGradient, Rnn.@Nullable State stateGradient, Matrix gradients) {
        Shapes.backward(input, inputGradient, shape);
        Shapes.state(stateGradient, shape);
        float[] flat = CpuMatrix.of(weights).values();
        float[] into = CpuMatrix.of(gradients).values();
        float[] top = CpuMatrix.of(output, shape.rows(), shape.hidden()).values();
        float[] dh = CpuMatrix.of(outputGradient, shape.rows(), shape.hidden()).values();
        float @Nullable [] hidden = part(stateGradient == null ? null : stateGradient.hidden());
        float @Nullable [] cell = part(stateGradient == null ? null : stateGradient.cell());
        for (int l = layers.length - 1; l >= 0; l--) {
            float[] dx = l > 0 ? betweenGradients[l - 1]
                    : inputGradient == null ? NO_NUMBERS : CpuMatrix.of(inputGradient).values();
            layers[l].backward().run(flat, ids(input, l), numbers(input, l), l == layers.length - 1 ? top : between[l],
                    dh, into, dx);
            if (hidden != null) {
                layers[l].backward().toState(hidden, cell, l * shape.batch());
            }
            dh = dx;
        }
    }
}
