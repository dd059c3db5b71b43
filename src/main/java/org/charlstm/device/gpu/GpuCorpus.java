package org.charlstm.device.gpu;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.charlstm.cuda.CudaBuffer;
import org.charlstm.device.CorpusBuffer;
import org.charlstm.device.CorpusRows;
import org.jspecify.annotations.Nullable;

/**
 * A corpus in device memory, its rows one behind the other with their padding: a kernel reads them without a branch.
 *
 * @param end    the end symbol's id, or -1
 * @param buffer N x (T + 1) ids
 * @param featureBuffer N x F in float32; null without features
 */
public record GpuCorpus(int rows, int steps, int end, CudaBuffer buffer, int features,
        @Nullable CudaBuffer featureBuffer) implements CorpusBuffer {
    /** So many ids are made on the host and copied at a time. */
    private static final int BLOCK = 1 << 20;

    static long bytes(CorpusRows corpus) {
        return (long) Integer.BYTES * corpus.rows() * (corpus.steps() + 1);
    }

    static long featureBytes(CorpusRows corpus) {
        return (long) Float.BYTES * corpus.rows() * corpus.features();
    }

    /** Where the features are, which there must be. */
    public long featurePointer() {
        return Objects.requireNonNull(featureBuffer, "a corpus without features").pointer();
    }

    static GpuCorpus of(CorpusRows corpus, CudaBuffer buffer, @Nullable CudaBuffer featureBuffer) {
        int width = corpus.steps() + 1;
        int[] row = new int[width];
        int most = Math.clamp(BLOCK / width, 1, corpus.rows());
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment host = arena.allocate(JAVA_INT, (long) most * width);
            for (int first = 0; first < corpus.rows(); first += most) {
                int count = Math.min(most, corpus.rows() - first);
                for (int r = 0; r < count; r++) {
                    corpus.row(first + r, row, 0);
                    MemorySegment.copy(row, 0, host, JAVA_INT, (long) Integer.BYTES * r * width, width);
                }
                buffer.write((long) Integer.BYTES * first * width,
                        host.asSlice(0, (long) Integer.BYTES * count * width));
            }
        }
        if (featureBuffer != null) {
            writeFeatures(corpus, featureBuffer);
        }
        return new GpuCorpus(corpus.rows(), corpus.steps(), corpus.end(), buffer, corpus.features(), featureBuffer);
    }

    private static void writeFeatures(CorpusRows corpus, CudaBuffer buffer) {
        float[] row = new float[corpus.features()];
        long bytes = (long) Float.BYTES * row.length;
        int most = Math.clamp(BLOCK / row.length, 1, corpus.rows());
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment host = arena.allocate(JAVA_FLOAT, (long) most * row.length);
            for (int first = 0; first < corpus.rows(); first += most) {
                int count = Math.min(most, corpus.rows() - first);
                for (int r = 0; r < count; r++) {
                    corpus.features(first + r, row);
                    MemorySegment.copy(row, 0, host, JAVA_FLOAT, bytes * r, row.length);
                }
                buffer.write(bytes * first, host.asSlice(0, bytes * count));
            }
        }
    }
}
