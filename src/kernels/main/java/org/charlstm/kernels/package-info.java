/**
 * charlstm's own kernels, for a program that opens its GPU with {@link org.charlstm.cuda.Cuda} and keeps its data in
 * its own buffers.
 *
 * {@snippet :
 * try (Cuda gpu = Cuda.open();
 *         CudaKernels kernels = CudaKernels.on(gpu);
 *         CudaBuffer logits = gpu.floats(1, 2, 3, 3, 2, 1);
 *         CudaBuffer targets = gpu.ints(2, 2);
 *         CudaBuffer rows = gpu.doubles(2);
 *         CudaBuffer totals = gpu.allocate(CudaType.FLOAT64, Operations.TOTALS)) {
 *     kernels.crossEntropy(logits, targets, rows, logits, totals);
 *     System.out.println("loss " + totals.toDoubles()[0] / 2);
 * }
 * }
 */
package org.charlstm.kernels;
