package org.charlstm.device.cuda;

import java.util.List;
import java.util.stream.IntStream;
import org.charlstm.device.WeightLayout;
import org.charlstm.device.cuda.binding.CudaType;
import org.charlstm.device.cuda.binding.Cudnn;
import org.charlstm.device.cuda.binding.Cudnn.GateOffsets;
import org.charlstm.device.cuda.binding.RnnAlgorithm;
import org.charlstm.device.cuda.binding.RnnBias;
import org.charlstm.device.host.Shapes;

/**
 * Where cuDNN wants an LSTM's weights, as it says itself. For gate g the matrices are (H, W) for the input and (H, H)
 * for the recurrence, row-major: the transposes of Keras' kernels. Columns from V to W are padding.
 *
 * @param symbols V
 * @param hidden  H
 * @param width   W, columns of the one-hot input
 * @param bias    which biases there are; of two, the recurrent one stays zero
 * @param type    what cuDNN's elements are; the flat buffers hold as many in float32
 * @param bytes   cuDNN's weight space
 * @param gates   the places of i, f, c~, o for the input, then for the recurrence
 */
record CudnnLstmLayout(int symbols, int hidden, int width, RnnBias bias, CudaType type, long bytes,
        List<GateOffsets> gates) implements WeightLayout {
    private static final int GATES = 4;

    /** Asks cuDNN. An algorithm that it does not have for these sizes is a {@code CudaException}. */
    static CudnnLstmLayout query(CudnnHandle at, RnnAlgorithm algorithm, RnnBias bias, int symbols, int hidden,
            int width) {
        Cudnn cudnn = at.cudnn();
        long rnn = cudnn.createRnn(algorithm, at.precision(), bias, width, hidden, 1, at.dropout());
        try (Resources resources = new Resources()) {
            resources.add(() -> cudnn.destroyRnn(rnn));
            long bytes = cudnn.weightBytes(at.handle(), rnn);
            CudaBuffer space = CudaBuffer.uninitialised(at.context(), bytes, "layout");
            resources.add(space::close);
            List<GateOffsets> gates = IntStream.range(0, 2 * GATES).mapToObj(gate ->
                    cudnn.gateOffsets(at.handle(), rnn, 0, bytes, space.pointer(), gate)).toList();
            return new CudnnLstmLayout(symbols, hidden, width, bias, at.type(), bytes, gates);
        }
    }

    /** The recurrent biases, which training leaves at zero: where in the flat buffer each begins; (H) each. */
    List<Integer> frozen() {
        return bias == RnnBias.DOUBLE ? gates.subList(GATES, 2 * GATES).stream()
                .map(gate -> element(gate.bias())).toList() : List.of();
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
        Shapes.require(tensors[0].length == symbols * GATES * hidden && tensors[1].length == hidden * GATES * hidden
                && tensors[2].length == GATES * hidden, "%d, %d and %d values for an LSTM of %d symbols and %d units",
                tensors[0].length, tensors[1].length, tensors[2].length, symbols, hidden);
        each((tensor, index, at) -> flat[offset + at] = tensors[tensor][index]);
    }

    @Override
    public double[][] unpack(double[] flat, int offset) {
        double[][] tensors = {new double[symbols * GATES * hidden], new double[hidden * GATES * hidden],
            new double[GATES * hidden]};
        each((tensor, index, at) -> tensors[tensor][index] = flat[offset + at]);
        return tensors;
    }

    private interface Element {
        void visit(int tensor, int index, int at);
    }

    /** Every element of Keras' three tensors, and where it lies here. */
    private void each(Element element) {
        for (int g = 0; g < GATES; g++) {
            int kernel = element(gates.get(g).matrix());
            int recurrent = element(gates.get(GATES + g).matrix());
            for (int j = 0; j < hidden; j++) {
                int column = g * hidden + j;
                for (int v = 0; v < symbols; v++) {
                    element.visit(0, v * GATES * hidden + column, kernel + j * width + v);
                }
                for (int k = 0; k < hidden; k++) {
                    element.visit(1, k * GATES * hidden + column, recurrent + j * hidden + k);
                }
                element.visit(2, column, element(gates.get(g).bias()) + j);
            }
        }
    }
}
