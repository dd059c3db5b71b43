package org.charlstm.device.cpu;

import static org.charlstm.device.cpu.Lanes.ORIGIN;

import org.charlstm.device.Leases;
import org.charlstm.device.Matrix;
import org.charlstm.device.host.HostMemory;

/** Matrices whose rows begin on a vector's border. */
final class CpuMemory extends HostMemory {
    CpuMemory(Leases leases) {
        super(leases);
    }

    @Override
    public Matrix matrix(int rows, int columns) {
        requireOpen();
        int stride = Lanes.padded(columns);
        return new CpuMatrix(rows, columns, stride, floats((long) rows * stride));
    }

    static float[] floats(long count) {
        return HostMemory.array(ORIGIN + count, Float.BYTES, float[]::new);
    }
}
