package org.charlstm.io.format;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.base.Quantity;

/** A matrix (N, F) in a file, from a byte position on, row-major or column-major. N and F are at least 1. */
record StoredMatrix(long position, int rows, int columns, boolean columnMajor, Element element) {
    private static final int BUFFER_BYTES = 1 << 20;

    record Element(int bytes, ByteOrder order, ToDoubleFunction<ByteBuffer> value) {
    }

    float[][] read(Path file, FileChannel channel) throws IOException {
        try {
            return values(file, channel);
        } catch (OutOfMemoryError e) {
            throw new CharlstmException(String.format(Locale.ROOT,
                    "%s does not fit in the JVM's memory, %,d MiB: %s of %s take %,d MiB; give the JVM more with "
                            + "JDK_JAVA_OPTIONS=-Xmx...",
                    file, Runtime.getRuntime().maxMemory() >> 20, Quantity.of(rows, "rows"),
                    Quantity.of(columns, "features"), ((long) rows * columns) >> 18), e);
        }
    }

    private float[][] values(Path file, FileChannel channel) throws IOException {
        float[][] values = new float[rows][columns];
        ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES).order(element.order).limit(0);
        long at = position;
        int lines = columnMajor ? columns : rows;
        int length = columnMajor ? rows : columns;
        for (int line = 0; line < lines; line++) {
            for (int from = 0; from < length;) {
                if (!buffer.hasRemaining()) {
                    long left = ((long) (lines - line) * length - from) * element.bytes;
                    fill(buffer.clear().limit((int) Math.min(BUFFER_BYTES, left)), file, channel, at);
                    at += buffer.limit();
                }
                int to = Math.min(length, from + buffer.remaining() / element.bytes);
                take(buffer, values, line, from, to);
                from = to;
            }
        }
        return values;
    }

    /** Copies values of a row or a column. As a separate method, it is compiled while a large file is read. */
    private void take(ByteBuffer buffer, float[][] values, int line, int from, int to) {
        for (int i = from; i < to; i++) {
            float next = (float) element.value.applyAsDouble(buffer);
            if (columnMajor) {
                values[i][line] = next;
            } else {
                values[line][i] = next;
            }
        }
    }

    private static void fill(ByteBuffer buffer, Path file, FileChannel channel, long at) throws IOException {
        while (buffer.hasRemaining()) {
            if (channel.read(buffer, at + buffer.position()) < 0) {
                throw new CharlstmException(file + " is cut short");
            }
        }
        buffer.flip();
    }
}
