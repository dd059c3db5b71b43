package org.charlstm.cuda;

import org.charlstm.cuda.binding.CudaDriver;

/** Sets all elements of a buffer to one value, on the current stream. */
final class BufferFill {
    private BufferFill() {
    }

    static void fill(CudaBuffer buffer, double value) {
        CudaType type = buffer.type();
        long pointer = buffer.pointer();
        CudaDriver driver = buffer.cuda().driver();
        long stream = buffer.cuda().current().handle();
        switch (type) {
            case FLOAT32 -> driver.cuMemsetD32Async(pointer, Float.floatToRawIntBits((float) value), buffer.count(),
                    stream);
            case INT32 -> {
                if ((int) value != value) {
                    throw new IllegalArgumentException(value + " is no int, and the buffer holds ints");
                }
                driver.cuMemsetD32Async(pointer, (int) value, buffer.count(), stream);
            }
            case BFLOAT16, FLOAT16 -> driver.cuMemsetD16Async(pointer, type.bits((float) value), buffer.count(),
                    stream);
            case FLOAT64 -> fill(buffer, Double.doubleToRawLongBits(value));
        }
    }

    /** Words of 64 bits, by their halves. */
    private static void fill(CudaBuffer buffer, long bits) {
        CudaDriver driver = buffer.cuda().driver();
        long stream = buffer.cuda().current().handle();
        int low = (int) bits;
        int high = (int) (bits >>> Integer.SIZE);
        if (low == high) {
            driver.cuMemsetD32Async(buffer.pointer(), low, 2 * buffer.count(), stream);
        } else {
            driver.cuMemsetD2D32Async(buffer.pointer(), Double.BYTES, low, 1, buffer.count(), stream);
            driver.cuMemsetD2D32Async(buffer.pointer() + Integer.BYTES, Double.BYTES, high, 1, buffer.count(), stream);
        }
    }
}
