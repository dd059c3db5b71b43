package org.charlstm.device.gpu.tools;

import org.charlstm.device.spi.AlignedLayout;

/** A dense layer's kernel and bias. */
public final class DenseLayout extends AlignedLayout {
    /** For a kernel of (N,M): N inputs, M outputs. */
    public DenseLayout(int inputs, int outputs) {
        super(GpuMemory.ALIGNMENT, Math.multiplyExact(inputs, outputs), outputs);
    }

    public int biasOffset() {
        return offset(1);
    }
}
