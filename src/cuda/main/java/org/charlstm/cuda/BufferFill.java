package org.charlstm.cuda;

import org.charlstm.cuda.binding.CudaDriver;

/** Sets all elements of a buffer to one value, on the current stream. */
final class BufferFill {
    private BufferFill() {
    }

    static void fill(CudaBuffer buffer, double value) {
        buffer.requireLive();
        CudaType type = buffer.type();
        if (!type.isInteger()) {
            fillBits(buffer, type == CudaType.FLOAT64 ? Double.doubleToRawLongBits(value)
                    : type == CudaType.FLOAT32 ? Float.floatToRawIntBits((float) value) : type.bits((float) value));
        } else if ((long) value == value) {
            fill(buffer, (long) value);
        } else {
            throw refused(type, String.valueOf(value));
        }
    }

    static void fill(CudaBuffer buffer, long value) {
        buffer.requireLive();
        CudaType type = buffer.type();
        if (!type.isInteger()) {
            fill(buffer, (double) value);
        } else if (fits(value, type.bytes())) {
            fillBits(buffer, value);
        } else {
            throw refused(type, String.valueOf(value));
        }
    }

    /** Whether a number fits an integer of {@code bytes} bytes, signed or unsigned. */
    static boolean fits(long value, int bytes) {
        int bits = bytes * Byte.SIZE;
        return bits == Long.SIZE || (value >= -1L << (bits - 1) && value < 1L << bits);
    }

    private static IllegalArgumentException refused(CudaType type, String value) {
        return new IllegalArgumentException(value + " is no " + type + ", and the buffer holds " + type + "s");
    }

    private static void fillBits(CudaBuffer buffer, long bits) {
        CudaDriver driver = buffer.cuda().driver();
        long stream = buffer.cuda().current().handle();
        long to = buffer.pointerFor(buffer.cuda());
        long count = buffer.count();
        int low = (int) bits;
        int high = (int) (bits >>> Integer.SIZE);
        switch (buffer.type().bytes()) {
            case Byte.BYTES -> driver.cuMemsetD8Async(to, (byte) bits, count, stream);
            case Short.BYTES -> driver.cuMemsetD16Async(to, (short) bits, count, stream);
            case Integer.BYTES -> driver.cuMemsetD32Async(to, low, count, stream);
            default -> {
                if (low == high) {
                    driver.cuMemsetD32Async(to, low, 2 * count, stream);
                } else {
                    driver.cuMemsetD2D32Async(to, Long.BYTES, low, 1, count, stream);
                    driver.cuMemsetD2D32Async(to + Integer.BYTES, Long.BYTES, high, 1, count, stream);
                }
            }
        }
    }
}
