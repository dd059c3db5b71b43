/**
 * The operations on NVIDIA GPUs, and on the simulated one, by cuBLAS, cuDNN and charlstm's own kernels.
 *
 * <p>{@link org.charlstm.device.gpu.GpuProvider} finds out what is here and opens a
 * {@link org.charlstm.device.gpu.GpuDevice}. Everything that calls NVIDIA lies below, in {@link org.charlstm.cuda}.
 */
package org.charlstm.device.gpu;
