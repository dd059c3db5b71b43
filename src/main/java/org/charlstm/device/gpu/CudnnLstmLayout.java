package org.charlstm.device.gpu;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.charlstm.cuda.CudaBuffer;
import org.charlstm.cuda.CudaType;
import org.charlstm.cuda.Cudnn;
import org.charlstm.cuda.Cudnn.GateOffsets;
import org.charlstm.cuda.Resources;
import org.charlstm.cuda.RnnAlgorithm;
import org.charlstm.device.Lstm;

/**
 * Where cuDNN wants the weights of LSTM layers, as cuDNN itself tells. For gate g of the lowest layer the matrices are
 * (H, I) for the input, of V columns for ids, and (H, H) for the recurrence, row-major: the transposes of Keras'
 * kernels. In the layers above both are (H, H). Keras has one bias, which is the input's here; the recurrent one is
 * zero.
 *
 * @param gates  for each layer the places of i, f, c~, o for the input, then for the recurrence
 */
record CudnnLstmLayout(Lstm.Layers layers, CudaType type, long bytes, List<GateOffsets> gates) {
    private static final int GATES = 4;

    /** Asks cuDNN, which throws a {@code CudaException} for an algorithm that it lacks for these sizes. */
    static CudnnLstmLayout query(CudnnHandle at, RnnAlgorithm algorithm, Lstm.Layers layers) {
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

    /** The same, but large enough for another algorithm that lays out weights alike. */
    CudnnLstmLayout with(CudnnLstmLayout other) {
        return new CudnnLstmLayout(layers, type, Math.max(bytes, other.bytes), gates);
    }

    /** The offsets of each gate in Keras' tensors and in cuDNN's, as {@code kernels/lstm_weights.cu} takes them. */
    int[] places() {
        List<Integer> places = new ArrayList<>();
        int at = 0;
        for (int l = 0; l < layers.count(); l++) {
            LstmLayout keras = LstmLayout.of(layers, l);
            for (int i = 0; i < 2 * GATES; i++) {
                GateOffsets gate = gates.get(2 * GATES * l + i);
                int column = i % GATES * layers.hidden();
                boolean input = i < GATES;
                places.addAll(List.of(at + (input ? 0 : keras.recurrentOffset()) + column, element(gate.matrix()),
                        input ? keras.inputs() : layers.hidden(), input ? at + keras.biasOffset() + column : -1,
                        element(gate.bias())));
            }
            at += keras.size();
        }
        return places.stream().mapToInt(Integer::intValue).toArray();
    }

    private int element(long offset) {
        return Math.toIntExact(offset / type.bytes());
    }
}
