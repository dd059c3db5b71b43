package org.charlstm.device.gpu;

import java.util.stream.IntStream;
import org.charlstm.device.AlignedLayout;
import org.charlstm.device.Rnn;
import org.charlstm.device.WeightLayout;
import org.charlstm.device.host.LayersInOrder;

/** A recurrent layer's kernel, recurrent kernel and bias. */
final class RnnLayout extends AlignedLayout {
    private static final int TENSORS = 3;

    private final int inputs;
    private final int width;

    private RnnLayout(int inputs, int hidden, int width, int biasRows) {
        super(GpuMemory.ALIGNMENT, Math.multiplyExact(inputs, width), Math.multiplyExact(hidden, width),
                Math.multiplyExact(biasRows, width));
        this.inputs = inputs;
        this.width = width;
    }

    /** The weights of layers in the flat buffers, one layer's after the other's, whichever engine runs them. */
    static WeightLayout of(Rnn.Layers layers) {
        return new LayersInOrder(IntStream.range(0, layers.count()).mapToObj(l -> of(layers, l)).toList(), TENSORS);
    }

    /** The weights of one layer, which follow those of the layer below. */
    static RnnLayout of(Rnn.Layers layers, int layer) {
        return new RnnLayout(layers.inputs(layer), layers.hidden(), layers.width(), layers.cell().biasRows());
    }

    /** V, I, or H of the layer below. */
    int inputs() {
        return inputs;
    }

    /** Columns of all gates. */
    int width() {
        return width;
    }

    /** Elements of the kernel. */
    int kernelSize() {
        return inputs * width;
    }

    int recurrentOffset() {
        return offset(1);
    }

    int biasOffset() {
        return offset(2);
    }
}
