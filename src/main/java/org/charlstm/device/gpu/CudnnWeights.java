package org.charlstm.device.gpu;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.charlstm.cuda.CudaBuffer;
import org.charlstm.cuda.CudaType;
import org.charlstm.cuda.RnnWeights;
import org.charlstm.device.Rnn;
import org.jspecify.annotations.Nullable;

/**
 * The weights of an LSTM in cuDNN's layout. Every forward pass copies them from the flat parameters, since a recorded
 * step cannot know whether these have changed: 0.7 MB for the lab's LSTM.
 */
final class CudnnWeights {
    /** Threads of a block, for tiles of 32 x 32. */
    private static final int LINES = 8;

    private final Kernels kernels;
    private final Layout layout;
    private final int offset;
    private final GpuInts places;
    private final int tiles;
    private final CudaBuffer weights;
    /** Null in inference. */
    private final @Nullable CudaBuffer gradients;

    /** For parameters that begin at an offset. */
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
        kernels.launch(Kernel.RNN_WEIGHTS, Math.multiplyExact(layout.weights().all().size(), tiles), Kernels.WARP,
                LINES,
                flat.pointer(offset), space.pointer(), GpuInts.pointer(places), layout.layers().hidden(), tiles, back,
                layout.type().bf16());
    }

    /** Copies the parameters. */
    void pack(GpuMatrix flat) {
        move(flat, weights, 0);
    }

    CudaBuffer buffer() {
        return weights;
    }

    private CudaBuffer gradients() {
        return Objects.requireNonNull(gradients, "made for training");
    }

    /** A space of zeros, since cuDNN adds to gradients. */
    CudaBuffer zeroGradients() {
        gradients().zero();
        return gradients();
    }

    /** Copies cuDNN's gradients to the flat gradients. */
    void unpackGradients(GpuMatrix flat) {
        move(flat, gradients(), 1);
    }

    /**
     * Where cuDNN wants the weights of LSTM layers, as cuDNN itself tells. For gate g of the lowest layer the matrices
     * are (H, I) for the input, of V columns for ids, and (H, H) for the recurrence, row-major: the transposes of
     * Keras' kernels. In the layers above both are (H, H). Keras has one bias, which is the input's here; the
     * recurrent one is zero.
     *
     * @param weights in which each layer has i, f, c~, o for the input, then for the recurrence
     */
    record Layout(Rnn.Layers layers, CudaType type, RnnWeights weights) {
        private static final int GATES = 4;

        /** The same, but large enough for another algorithm that lays out weights alike. */
        Layout with(Layout other) {
            return new Layout(layers, type,
                    new RnnWeights(Math.max(weights.count(), other.weights.count()), weights.all()));
        }

        /** The offsets of each gate in Keras' tensors and in cuDNN's, as {@code kernels/rnn_weights.cu} takes them. */
        int[] places() {
            List<Integer> places = new ArrayList<>();
            int at = 0;
            for (int l = 0; l < layers.count(); l++) {
                RnnLayout keras = RnnLayout.of(layers, l);
                for (int i = 0; i < 2 * GATES; i++) {
                    RnnWeights.Weight gate = weights.all().get(2 * GATES * l + i);
                    int column = i % GATES * layers.hidden();
                    boolean input = i < GATES;
                    places.addAll(List.of(at + (input ? 0 : keras.recurrentOffset()) + column,
                            Math.toIntExact(gate.matrix()),
                            input ? keras.inputs() : layers.hidden(), input ? at + keras.biasOffset() + column : -1,
                            Math.toIntExact(gate.bias())));
                }
                at += keras.size();
            }
            return places.stream().mapToInt(Integer::intValue).toArray();
        }
    }
}
