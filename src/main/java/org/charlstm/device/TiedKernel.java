package org.charlstm.device;

/**
 * A dense layer whose kernel is the transpose of an embedding's table (Press and Wolf, "Using the output embedding to
 * improve language models", 2017). The kernel has its place in the flat buffers as any has, and is kept the same as the
 * table.
 *
 * @param symbols V, rows of the table and columns of the kernel
 * @param units   E, columns of the table and rows of the kernel
 * @param table   where the embedding begins in the flat buffers, laid out as {@link Operations#embeddingLayout} says
 * @param dense   where the dense layer begins, laid out as {@link Operations#denseLayout} says
 */
public record TiedKernel(int symbols, int units, int table, int dense) {
}
