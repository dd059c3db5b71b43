package org.charlstm.device.cuda.memory;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.charlstm.device.CorpusBuffer;
import org.charlstm.text.Corpus;

/**
 * A corpus in device memory, its rows one behind the other with their padding: a kernel reads them without a branch.
 *
 * @param rows   N
 * @param steps  T
 * @param end    the end symbol's id, or -1
 * @param buffer N x (T + 1) ids
 */
public record CudaCorpus(int rows, int steps, int end, CudaBuffer buffer) implements CorpusBuffer {
    /** So many ids are made on the host and copied at a time. */
    private static final int BLOCK = 1 << 20;

    static long bytes(Corpus corpus) {
        return (long) Integer.BYTES * corpus.rows() * (corpus.steps() + 1);
    }

    static CudaCorpus of(Corpus corpus, CudaBuffer buffer) {
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
        return new CudaCorpus(corpus.rows(), corpus.steps(), corpus.end(), buffer);
    }
}
