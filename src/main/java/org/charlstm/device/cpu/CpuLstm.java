package org.charlstm.device.cpu;

import java.util.stream.IntStream;
import org.charlstm.device.Ints;
import org.charlstm.device.Lstm;
import org.charlstm.device.LstmShape;
import org.charlstm.device.LstmState;
import org.charlstm.device.Matrix;
import org.charlstm.device.WeightLayout;
import org.charlstm.device.host.HostInts;
import org.charlstm.device.host.LayersInOrder;
import org.charlstm.device.host.Shapes;

/** LSTM layers one above the other. */
final class CpuLstm implements Lstm {
    private final LstmShape shape;
    private final CpuLstmLayer[] layers;
    /** h of each layer but the highest, and dL/dh of it: (T B, H). */
    private final float[][] between;
    private final float[][] betweenGradients;

    CpuLstm(Workers workers, LstmShape shape, int offset) {
        this.shape = shape;
        layers = new CpuLstmLayer[shape.layers()];
        between = new float[shape.layers() - 1][];
        betweenGradients = new float[shape.layers() - 1][];
        int at = offset;
        for (int l = 0; l < layers.length; l++) {
            CpuLstmLayout layout = layoutOf(shape.symbols(), shape.hidden(), l);
            layers[l] = new CpuLstmLayer(workers, shape, layout, at);
            at += layout.size();
            if (l < between.length) {
                long size = (long) shape.steps() * shape.batch() * Lanes.padded(shape.hidden());
                between[l] = CpuMemory.floats(size);
                betweenGradients[l] = shape.training() ? CpuMemory.floats(size) : null;
            }
        }
    }

    private static CpuLstmLayout layoutOf(int symbols, int hidden, int layer) {
        return new CpuLstmLayout(layer == 0 ? symbols : hidden, hidden, layer == 0);
    }

    /** How the weights of all layers lie. */
    static WeightLayout layout(int symbols, int hidden, int layers) {
        return new LayersInOrder(IntStream.range(0, layers).mapToObj(l -> layoutOf(symbols, hidden, l)).toList(), 3);
    }

    @Override
    public void forward(Matrix weights, Ints inputs, LstmState state, Matrix output) {
        int[] ids = HostInts.of(inputs);
        Shapes.ints(inputs, shape.steps() * shape.batch());
        Shapes.ids(ids, shape.symbols());
        int stateRows = layers.length * shape.batch();
        float[] flat = CpuMatrix.of(weights).values();
        float[] hidden = state == null ? null : CpuMatrix.of(state.hidden(), stateRows, shape.hidden()).values();
        float[] cell = state == null ? null : CpuMatrix.of(state.cell(), stateRows, shape.hidden()).values();
        float[] top = CpuMatrix.of(output, shape.steps() * shape.batch(), shape.hidden()).values();
        for (int l = 0; l < layers.length; l++) {
            layers[l].forward(flat, l == 0 ? ids : null, l == 0 ? null : between[l - 1], hidden, cell,
                    l * shape.batch(), l == layers.length - 1 ? top : between[l]);
        }
    }

    @Override
    public void backward(Matrix weights, Ints inputs, Matrix output, Matrix outputGradient, Matrix gradients) {
        if (!shape.training()) {
            throw new IllegalStateException("this LSTM was made for inference; make it with training = true");
        }
        int rows = shape.steps() * shape.batch();
        float[] flat = CpuMatrix.of(weights).values();
        float[] into = CpuMatrix.of(gradients).values();
        float[] h = CpuMatrix.of(output, rows, shape.hidden()).values();
        float[] dh = CpuMatrix.of(outputGradient, rows, shape.hidden()).values();
        for (int l = layers.length - 1; l >= 0; l--) {
            layers[l].backward().run(flat, l == 0 ? HostInts.of(inputs) : null, l == 0 ? null : between[l - 1], h, dh,
                    into, l == 0 ? null : betweenGradients[l - 1]);
            h = l == 0 ? null : between[l - 1];
            dh = l == 0 ? null : betweenGradients[l - 1];
        }
    }
}
