package org.charlstm.device.cpu;

import static org.charlstm.device.cpu.Lanes.ORIGIN;

import org.charlstm.device.DeviceException;
import org.charlstm.device.Doubles;
import org.charlstm.device.Ints;
import org.charlstm.device.Matrix;
import org.charlstm.device.Memory;
import org.charlstm.device.host.HostDoubles;
import org.charlstm.device.host.HostInts;

/** Java arrays, freed by the garbage collector. */
final class CpuMemory implements Memory {
    @Override
    public Matrix matrix(int rows, int columns) {
        int stride = Lanes.padded(columns);
        return new CpuMatrix(rows, columns, stride, floats((long) rows * stride));
    }

    @Override
    public Ints ints(int length) {
        return new HostInts(new int[length]);
    }

    @Override
    public Doubles doubles(int length) {
        return new HostDoubles(new double[length]);
    }

    @Override
    public void close() {
        // The garbage collector frees arrays.
    }

    static float[] floats(long count) {
        if (count > Integer.MAX_VALUE - 8 - ORIGIN) {
            throw new DeviceException("a buffer of " + count
                    + " floats is larger than a Java array; use a smaller batch or fewer units", true);
        }
        return new float[ORIGIN + (int) count];
    }
}
