package org.charlstm.device.gpu.rnn;

import module java.base;
import org.charlstm.cuda.CudaBuffer;
import org.charlstm.cuda.CudaType;
import org.charlstm.cuda.RnnWeights;
import org.charlstm.device.RecurrentCell;
import org.charlstm.device.Rnn;
import org.charlstm.device.gpu.tools.GpuInts;
import org.charlstm.device.gpu.tools.GpuMatrix;
import org.charlstm.device.gpu.tools.GpuMemory;
import org.charlstm.device.gpu.tools.Kernel;
import org.charlstm.device.gpu.tools.Kernels;
import org.jspecify.annotations.Nullable;

/**
 * The weights of recurrent layers in cuDNN's layout. Every forward pass copies them from the flat parameters, since a
 * captured step cannot know whether these have changed. The copy is 0.7 MB for the lab's LSTM.
 */
final class CudnnWeights {
    /** Rows of threads in a block, which moves tiles of 32 x 32. */
    private static final int LINES = 8;

    private final Kernels kernels;
    private final Layout layout;
    private final int offset;
    private final GpuInts places;
    private final int tiles;
    private final CudaBuffer weights;
    /** Null in inference. */
    private final @Nullable CudaBuffer gradients;

    CudnnWeights(Kernels kernels, GpuMemory memory, Layout layout, int offset, boolean training) {
        Kernels.requireCountable(Kernel.RNN_WEIGHTS, layout.weights().count());
        this.kernels = kernels;
        this.layout = layout;
        this.offset = offset;
        GpuMemory spaces = memory.forPurpose("cuDNN weights");
        int[] found = layout.places();
        places = spaces.ints(found.length);
        places.write(found);
        int units = layout.layers().hidden();
        tiles = Math.multiplyExact(Math.ceilDiv(Math.max(layout.layers().inputs(0), units), Kernels.WARP),
                Math.ceilDiv(units, Kernels.WARP));
        weights = spaces.workspace(layout.type(), layout.weights().count());
        gradients = training ? spaces.workspace(layout.type(), layout.weights().count()) : null;
    }

    private void move(GpuMatrix flat, CudaBuffer space, int back) {
        int units = layout.layers().hidden();
        kernels.launch(Kernel.RNN_WEIGHTS, Math.multiplyExact(layout.weights().all().size(), tiles), Kernels.WARP,
                LINES, flat.pointer(offset), space.pointer(), GpuInts.pointer(places), units, layout.layers().width(),
                tiles, back, layout.type().bf16());
    }

    void pack(GpuMatrix flat) {
        move(flat, weights, 0);
    }

    CudaBuffer buffer() {
        return weights;
    }

    private CudaBuffer gradients() {
        return Objects.requireNonNull(gradients, "made for training");
    }

    /** The gradients' buffer, zeroed, since cuDNN adds to gradients. */
    CudaBuffer zeroGradients() {
        gradients().zero();
        return gradients();
    }

    /** Copies cuDNN's gradients to the flat gradients. */
    void unpackGradients(GpuMatrix flat) {
        move(flat, gradients(), 1);
    }

    /**
     * Where cuDNN places the weights of layers, as cuDNN itself reports. All matrices are row-major, the transposes of
     * Keras' kernels. For each gate of the lowest layer, the input's matrix is (H, I), with I = V for ids, and the
     * recurrent matrix is (H, H). In the layers above, both are (H, H). Where Keras has one row of biases, this row is
     * the input's bias here, and the recurrent bias is zero.
     */
    record Layout(Rnn.Layers layers, CudaType type, RnnWeights weights) {
        /** Gates that have another name in cuDNN: a GRU's candidate. */
        private static final Map<RecurrentCell.Named, Map<String, String>> OTHER_NAMES =
                Map.of(RecurrentCell.Named.GRU, Map.of("h", "n"));

        /** The same layout, but large enough for another algorithm that lays out weights alike. */
        Layout with(Layout other) {
            return new Layout(layers, type,
                    new RnnWeights(Math.max(weights.count(), other.weights.count()), weights.all()));
        }

        /** Each gate's offsets in Keras' tensors and in cuDNN's, as {@code kernels/rnn/rnn_weights.cu} takes them. */
        int[] places() {
            RecurrentCell cell = layers.cell();
            List<String> gates = cell.gates();
            Map<String, String> others = OTHER_NAMES.getOrDefault(cell.name(), Map.of());
            List<Integer> places = new ArrayList<>();
            int at = 0;
            for (int l = 0; l < layers.count(); l++) {
                RnnLayout keras = RnnLayout.of(layers, l);
                for (int i = 0; i < 2 * gates.size(); i++) {
                    boolean input = i < gates.size();
                    int g = i % gates.size();
                    RnnWeights.Weight gate = weights.weight(l, (input ? "W_" : "R_")
                            + others.getOrDefault(gates.get(g), gates.get(g)));
                    int column = g * layers.hidden();
                    int row = input ? 0 : 1;
                    places.addAll(List.of(at + (input ? 0 : keras.recurrentOffset()) + column,
                            Math.toIntExact(gate.matrix()), input ? keras.inputs() : layers.hidden(),
                            row < cell.biasRows() ? at + keras.biasOffset() + row * layers.width() + column : -1,
                            Math.toIntExact(gate.bias())));
                }
                at += keras.size();
            }
            return places.stream().mapToInt(Integer::intValue).toArray();
        }
    }
}
