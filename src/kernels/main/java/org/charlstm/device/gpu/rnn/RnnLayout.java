package org.charlstm.device.gpu.rnn;

import java.util.stream.IntStream;
import org.charlstm.device.Rnn;
import org.charlstm.device.WeightLayout;
import org.charlstm.device.gpu.tools.GpuMatrix;
import org.charlstm.device.gpu.tools.GpuMemory;
import org.charlstm.device.host.LayersInOrder;
import org.charlstm.device.spi.AlignedLayout;

/** A recurrent layer's kernel, recurrent kernel and bias. */
public final class RnnLayout extends AlignedLayout {
    private static final int TENSORS = 3;

    private final int inputs;
    private final int hidden;
    private final int width;
    private final int biasRows;

    private RnnLayout(int inputs, int hidden, int width, int biasRows) {
        super(GpuMemory.ALIGNMENT, Math.multiplyExact(inputs, width), Math.multiplyExact(hidden, width),
                Math.multiplyExact(biasRows, width));
        this.inputs = inputs;
        this.hidden = hidden;
        this.width = width;
        this.biasRows = biasRows;
    }

    /** The weights of layers in the flat buffers, one layer after the other, in the same order for all engines. */
    public static WeightLayout of(Rnn.Layers layers) {
        return new LayersInOrder(IntStream.range(0, layers.count()).mapToObj(l -> of(layers, l)).toList(), TENSORS);
    }

    /** The weights of one layer, which follow those of the layer below. */
    public static RnnLayout of(Rnn.Layers layers, int layer) {
        return new RnnLayout(layers.inputs(layer), layers.hidden(), layers.width(), layers.cell().biasRows());
    }

    /** V or I in the lowest layer, H in the others. */
    int inputs() {
        return inputs;
    }

    int width() {
        return width;
    }

    public int recurrentOffset() {
        return offset(1);
    }

    public int biasOffset() {
        return offset(2);
    }

    /** The tensors of a layer whose weights begin at an offset of a flat buffer. */
    LayerPass.Tensors tensors(GpuMatrix flat, int offset) {
        return new LayerPass.Tensors(flat.view(offset, inputs, width),
                flat.view(offset + recurrentOffset(), hidden, width),
                flat.view(offset + biasOffset(), biasRows, width));
    }
}
