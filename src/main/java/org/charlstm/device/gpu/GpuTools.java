package org.charlstm.device.gpu;

import org.charlstm.cuda.CudaContext;
import org.charlstm.cuda.Kernels;

/** The tools of operations on a GPU: its context, the kernels and cuBLAS. */
record GpuTools(CudaContext context, Kernels kernels, GpuProducts products) {
}
