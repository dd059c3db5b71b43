package org.charlstm.device.gpu;

import org.charlstm.cuda.CudaContext;
import org.charlstm.cuda.Kernels;

/** What operations on a GPU call: its context, the kernels and cuBLAS. */
record GpuTools(CudaContext context, Kernels kernels, GpuProducts products) {
}
