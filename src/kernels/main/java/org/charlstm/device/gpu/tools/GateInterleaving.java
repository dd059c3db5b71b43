package org.charlstm.device.gpu.tools;

/**
 * Maps tensors that store one gate after the other to kernels with a unit's four sums side by side: {@code order} holds
 * the gate of each sum, 4 bits each, the first sum lowest. A number that is no gate stands for none.
 */
public record GateInterleaving(int units, int gates, int order) {
    /** Nothing is interleaved. */
    public static final GateInterleaving NONE = new GateInterleaving(0, 0, 0);

    /** Elements of an interleaved row; 0 if nothing is interleaved. */
    public int width() {
        return 4 * units;
    }

    /** Interleaves the rows of a tensor. */
    public void interleave(Kernels kernels, GpuView from, GpuView to) {
        kernels.each(Kernel.INTERLEAVE_GATES, (long) to.rows() * units, from, to, to.rows(), units, gates, order,
                to.type().bf16());
    }
}
