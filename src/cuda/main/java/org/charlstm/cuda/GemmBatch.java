package org.charlstm.cuda;

import module java.base;
import org.charlstm.cuda.binding.CudaDriver;

/**
 * Products of one shape, each with its own buffers; {@link CudaBlas#batch} makes a batch, {@link CudaBlas#gemm} runs
 * it.
 */
public final class GemmBatch extends CudaObject {
    private final Gemm gemm;
    private final int size;
    private final List<CudaBuffer> buffers;
    /** The addresses of all A, then of all B and of all C. */
    private final CudaBuffer addresses;

    GemmBatch(Cuda cuda, Gemm gemm, List<CudaBuffer> a, List<CudaBuffer> b, List<CudaBuffer> c) {
        super(cuda, "a batch of products");
        this.gemm = Objects.requireNonNull(gemm, "the product is null");
        size = Objects.requireNonNull(a, "the list of a is null").size();
        int sizeB = Objects.requireNonNull(b, "the list of b is null").size();
        int sizeC = Objects.requireNonNull(c, "the list of c is null").size();
        if (size < 1 || sizeB != size || sizeC != size) {
            throw new IllegalArgumentException("a batch of " + size + " matrices a, " + sizeB + " b and " + sizeC
                    + " c; there must be as many of each, and at least one");
        }
        if (gemm.batches() != 1) {
            throw new IllegalArgumentException("a batch of products that are " + gemm.batches()
                    + " each; give the shape of one");
        }
        long[] pointers = new long[3 * size];
        for (int i = 0; i < size; i++) {
            pointers[i] = pointer("a", i, a, gemm.factors(), gemm.elementsA());
            pointers[size + i] = pointer("b", i, b, gemm.factors(), gemm.elementsB());
            pointers[2 * size + i] = pointer("c", i, c, gemm.result(), gemm.elementsC());
        }
        requireApart(pointers);
        buffers = Stream.of(a, b, c).flatMap(List::stream).toList();
        addresses = cuda.uninitialised(CudaType.INT64, pointers.length, "addresses of matrices");
        cuda.remove(addresses);
        try {
            addresses.write(pointers);
        } catch (RuntimeException e) {
            throw Resources.closeAfter(e, addresses::close);
        }
        opened();
    }

    private long pointer(String name, int number, List<CudaBuffer> matrices, CudaType type, long elements) {
        return CudaBlas.pointer(cuda(), "matrix " + name + "[" + number + "]", matrices.get(number), type, elements);
    }

    /** Refuses results that share memory with another result or a factor. */
    private void requireApart(long[] pointers) {
        NavigableMap<Long, Integer> results = new TreeMap<>();
        long bytes = gemm.elementsC() * gemm.result().bytes();
        for (int i = 0; i < size; i++) {
            long start = pointers[2 * size + i];
            Map.Entry<Long, Integer> before = results.floorEntry(start + bytes - 1);
            if (before != null && before.getKey() > start - bytes) {
                throw new IllegalArgumentException("matrices c[" + before.getValue() + "] and c[" + i
                        + "] of the batch share memory; each product needs memory of its own");
            }
            results.put(start, i);
        }
        for (int i = 0; i < 2 * size; i++) {
            long of = i < size ? gemm.elementsA() : gemm.elementsB();
            Map.Entry<Long, Integer> before = results.floorEntry(pointers[i] + of * gemm.factors().bytes() - 1);
            if (before != null && before.getKey() > pointers[i] - bytes) {
                throw new IllegalArgumentException("matrices c[" + before.getValue() + "] and " + (i < size ? "a" : "b")
                        + "[" + i % size + "] of the batch share memory; a product needs memory of its own");
            }
        }
    }

    /** The shape of each product. */
    public Gemm gemm() {
        return gemm;
    }

    /** The number of products. */
    public int size() {
        return size;
    }

    /** The device address of the addresses; requires all buffers to be open. */
    long pointerFor(Cuda other) {
        requireOf(other);
        buffers.forEach(buffer -> buffer.pointerFor(other));
        return addresses.pointerFor(other);
    }

    @Override
    void release(CudaDriver driver) {
        addresses.close();
    }
}
