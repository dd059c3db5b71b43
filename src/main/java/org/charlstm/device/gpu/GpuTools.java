package org.charlstm.device.gpu;

import org.charlstm.cuda.CudaContext;

/** The tools of operations on a GPU: its context, the kernels and cuBLAS. */
record GpuTools(CudaContext context, Kernels kernels, GpuProducts products) {
}
