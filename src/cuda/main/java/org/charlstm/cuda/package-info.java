/**
 * The kernel library: a thin Java layer over NVIDIA's driver, cuBLAS, cuDNN, NVRTC and NCCL, and over own kernels. It
 * knows nothing of layers or models.
 */
package org.charlstm.cuda;
