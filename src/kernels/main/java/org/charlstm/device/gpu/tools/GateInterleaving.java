package org.charlstm.device.gpu.tools;

/**
 * How kernels that have a unit's four sums side by side take them from tensors that lie gate by gate: of H units and so
 * many gates, and the gate of each of the four, 4 bits each, the first lowest; a gate that is not there is none.
 */
public record GateInterleaving(int units, int gates, int order) {
    /** Nothing is interleaved. */
    public static final GateInterleaving NONE = new GateInterleaving(0, 0, 0);

    /** Numbers of a row: none if nothing is interleaved. */
    public int width() {
        return 4 * units;
    }

    /** Interleaves the rows of a tensor. */
    public void interleave(Kernels kernels, GpuView from, GpuView to) {
        kernels.each(Kernel.INTERLEAVE_GATES, (long) to.rows() * units, from, to, to.rows(), units, gates, order,
                to.type().bf16());
    }
}
