package org.charlstm.device.gpu;

import org.charlstm.device.Head;

/**
 * A head that takes the parts of an LSTM's output beside the steps that follow, and so is part of what these cost.
 *
 * @param shape its sizes, all rows in one part
 */
public record HeadAbove(Head.Shape shape, Maker maker) {
    /** Makes a head whose weights begin at 0. */
    @FunctionalInterface
    public interface Maker {
        /** The head. */
        Head head(GpuMemory memory, Head.Shape shape);
    }
}
