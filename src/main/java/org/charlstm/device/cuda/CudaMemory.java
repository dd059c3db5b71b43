package org.charlstm.device.cuda;

import org.charlstm.device.Memory;

/** A scope of device memory, and of whatever else ends with it. */
final class CudaMemory implements Memory {
    private final CudaContext context;
    private final Resources resources = new Resources();
    private boolean open = true;

    CudaMemory(CudaContext context) {
        this.context = context;
    }

    static CudaMemory of(Memory memory) {
        return (CudaMemory) memory;
    }

    /** Memory of zeros that lives as long as the scope. */
    CudaBuffer zeros(long bytes) {
        return owned(CudaBuffer.zeros(context, bytes));
    }

    /** Memory that its user writes before reading it. */
    CudaBuffer workspace(long bytes) {
        return owned(CudaBuffer.uninitialised(context, bytes));
    }

    private CudaBuffer owned(CudaBuffer buffer) {
        resources.add(buffer::close);
        return buffer;
    }

    /** Something else to release when the scope ends. */
    void own(Runnable release) {
        resources.add(release);
    }

    @Override
    public CudaMatrix matrix(int rows, int columns) {
        return new CudaMatrix(rows, columns, zeros((long) Float.BYTES * rows * columns));
    }

    @Override
    public CudaInts ints(int length) {
        return new CudaInts(length, zeros((long) Integer.BYTES * length));
    }

    @Override
    public CudaDoubles doubles(int length) {
        return new CudaDoubles(length, zeros((long) Double.BYTES * length));
    }

    /** Work that is still to come may use the memory, so it is waited for first. */
    @Override
    public void close() {
        if (open) {
            open = false;
            resources.add(context::synchronize);
            resources.close();
        }
    }
}
