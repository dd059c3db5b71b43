package org.charlstm.device.gpu.tools;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import module java.base;
import org.charlstm.cuda.CudaBuffer;
import org.charlstm.cuda.CudaType;
import org.charlstm.device.CorpusBuffer;
import org.charlstm.device.CorpusRows;
import org.jspecify.annotations.Nullable;

/**
 * A corpus in device memory: its rows and their padding one after the other, so a kernel reads them without a branch.
 * The buffers are N x (T + 1) ids and N x F features in float32, or null; the end symbol is -1 if there is none.
 */
public record GpuCorpus(int rows, int steps, int end, CudaBuffer buffer, int features,
        @Nullable CudaBuffer featureBuffer) implements CorpusBuffer {
    /** The most elements that are prepared on the host and copied at a time. */
    private static final int BLOCK = 1 << 20;

    /** The device pointer of the features; the corpus must have features. */
    public long featuresPointer() {
        return Objects.requireNonNull(featureBuffer, "a corpus without features").pointer();
    }

    static GpuCorpus of(CorpusRows corpus, GpuMemory memory) {
        int[] ids = new int[corpus.steps() + 1];
        CudaBuffer buffer = resident(memory, CudaType.INT32, corpus.rows(), ids.length, (host, row) -> {
            corpus.row(row, ids, 0);
            MemorySegment.copy(ids, 0, host, JAVA_INT, 0, ids.length);
        });
        float[] features = new float[corpus.features()];
        CudaBuffer featureBuffer = features.length == 0 ? null
                : resident(memory, CudaType.FLOAT32, corpus.rows(), features.length, (host, row) -> {
                    corpus.features(row, features);
                    MemorySegment.copy(features, 0, host, JAVA_FLOAT, 0, features.length);
                });
        return new GpuCorpus(corpus.rows(), corpus.steps(), corpus.end(), buffer, corpus.features(), featureBuffer);
    }

    /** Device memory with rows of {@code width} ints or floats, written block by block. */
    private static CudaBuffer resident(GpuMemory memory, CudaType type, int rows, int width,
            ObjIntConsumer<MemorySegment> row) {
        long bytes = (long) Integer.BYTES * width;
        CudaBuffer buffer = memory.workspace(type, (long) width * rows);
        int most = Math.clamp(BLOCK / width, 1, rows);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment host = arena.allocate(bytes * most, Integer.BYTES);
            for (int first = 0; first < rows; first += most) {
                int count = Math.min(most, rows - first);
                for (int r = 0; r < count; r++) {
                    row.accept(host.asSlice(bytes * r, bytes), first + r);
                }
                buffer.write((long) width * first, host.asSlice(0, bytes * count));
            }
        }
        return buffer;
    }
}
