package org.charlstm.device.cuda.lstm;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.charlstm.device.LstmLayers;
import org.charlstm.device.WeightLayout;
import org.charlstm.device.cuda.binding.CudaType;
import org.charlstm.device.cuda.binding.Cudnn;
import org.charlstm.device.cuda.binding.Cudnn.GateOffsets;
import org.charlstm.device.cuda.binding.RnnAlgorithm;
import org.charlstm.device.cuda.context.Resources;
import org.charlstm.device.cuda.linear.CudaLinearLayout;
import org.charlstm.device.cuda.memory.CudaBuffer;
import org.charlstm.device.host.Shapes;

/**
 * Where cuDNN wants the weights of LSTM layers, as it says itself. For gate g of the lowest layer the matrices are
 * (H, I) for the input, of V columns for ids, and (H, H) for the recurrence, row-major: the transposes of Keras'
 * kernels. In the layers above both are (H, H). Keras has one bias, which is the input's here; the recurrent one stays
 * zero.
 *
 * @param layers the layers
 * @param type   what cuDNN's elements are; the flat buffers hold as many in float32
 * @param bytes  cuDNN's weight space
 * @param gates  for each layer the places of i, f, c~, o for the input, then for the recurrence
 */
record CudnnLstmLayout(LstmLayers layers, CudaType type, long bytes, List<GateOffsets> gates) implements WeightLayout {
    private static final int GATES = 4;

    /**
     * Elements of the flat buffer that follow each other.
     *
     * @param offset where they begin
     * @param length how many they are
     */
    record Range(int offset, int length) {
    }

    /** Asks cuDNN. An algorithm that it does not have for these sizes is a {@code CudaException}. */
    static CudnnLstmLayout query(CudnnHandle at, RnnAlgorithm algorithm, LstmLayers layers) {
        Cudnn cudnn = at.cudnn();
        long rnn = cudnn.createRnn(algorithm, at.precision(), layers.input().columns(), layers.hidden(), layers.count(),
                at.dropout());
        try (Resources resources = new Resources()) {
            resources.add(() -> cudnn.destroyRnn(rnn));
            long bytes = cudnn.weightBytes(at.handle(), rnn);
            CudaBuffer space = CudaBuffer.uninitialised(at.context(), bytes, "layout");
            resources.add(space::close);
            List<GateOffsets> gates = IntStream.range(0, layers.count() * 2 * GATES).mapToObj(i -> cudnn.gateOffsets(
                    at.handle(), rnn, i / (2 * GATES), bytes, space.pointer(), i % (2 * GATES))).toList();
            return new CudnnLstmLayout(layers, at.type(), bytes, gates);
        }
    }

    /** The same in a weight space that may be larger. */
    CudnnLstmLayout withBytes(long other) {
        return new CudnnLstmLayout(layers, type, other, gates);
    }

    /** The recurrent biases, which training leaves at zero; those that follow each other are one range. */
    List<Range> frozen() {
        int hidden = layers.hidden();
        List<Range> ranges = new ArrayList<>();
        IntStream.range(0, gates.size()).filter(i -> i % (2 * GATES) >= GATES)
                .map(i -> element(gates.get(i).bias())).sorted().forEach(offset -> {
                    Range last = ranges.isEmpty() ? new Range(-1, 0) : ranges.getLast();
                    if (last.offset + last.length == offset) {
                        ranges.set(ranges.size() - 1, new Range(last.offset, last.length + hidden));
                    } else {
                        ranges.add(new Range(offset, hidden));
                    }
                });
        return ranges;
    }

    @Override
    public int size() {
        return CudaLinearLayout.aligned(elements());
    }

    /** Elements of cuDNN's weight space. */
    int elements() {
        return Math.toIntExact(Math.ceilDiv(bytes, type.bytes()));
    }

    private int element(long offset) {
        return Math.toIntExact(offset / type.bytes());
    }

    @Override
    public void pack(double[][] tensors, double[] flat, int offset) {
        int hidden = layers.hidden();
        Shapes.require(tensors.length == 3 * layers.count(), "%d tensors for %d layers", tensors.length,
                layers.count());
        for (int l = 0; l < layers.count(); l++) {
            Shapes.require(tensors[3 * l].length == layers.inputs(l) * GATES * hidden
                    && tensors[3 * l + 1].length == hidden * GATES * hidden
                    && tensors[3 * l + 2].length == GATES * hidden,
                    "%d, %d and %d values for an LSTM of %d inputs and %d units", tensors[3 * l].length,
                    tensors[3 * l + 1].length, tensors[3 * l + 2].length, layers.inputs(l), hidden);
        }
        each((tensor, index, at) -> flat[offset + at] = tensors[tensor][index]);
    }

    @Override
    public double[][] unpack(double[] flat, int offset) {
        int hidden = layers.hidden();
        double[][] tensors = new double[3 * layers.count()][];
        for (int l = 0; l < layers.count(); l++) {
            tensors[3 * l] = new double[layers.inputs(l) * GATES * hidden];
            tensors[3 * l + 1] = new double[hidden * GATES * hidden];
            tensors[3 * l + 2] = new double[GATES * hidden];
        }
        each((tensor, index, at) -> tensors[tensor][index] = flat[offset + at]);
        return tensors;
    }

    private interface Element {
        void visit(int tensor, int index, int at);
    }

    /** Every element of Keras' tensors, and where it lies here. */
    private void each(Element element) {
        for (int l = 0; l < layers.count(); l++) {
            for (int g = 0; g < GATES; g++) {
                each(l, g, gates.get(2 * GATES * l + g), gates.get(2 * GATES * l + GATES + g), element);
            }
        }
    }

    private void each(int layer, int gate, GateOffsets input, GateOffsets recurrence, Element element) {
        int hidden = layers.hidden();
        int kernel = element(input.matrix());
        int recurrent = element(recurrence.matrix());
        for (int j = 0; j < hidden; j++) {
            int column = gate * hidden + j;
            for (int v = 0; v < layers.inputs(layer); v++) {
                element.visit(3 * layer, v * GATES * hidden + column, kernel + j * layers.inputs(layer) + v);
            }
            for (int k = 0; k < hidden; k++) {
                element.visit(3 * layer + 1, k * GATES * hidden + column, recurrent + j * hidden + k);
            }
            element.visit(3 * layer + 2, column, element(input.bias()) + j);
        }
    }
}
