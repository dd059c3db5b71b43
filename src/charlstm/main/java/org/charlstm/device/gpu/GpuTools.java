package org.charlstm.device.gpu;

/** The tools of operations on a GPU: its context, the kernels and cuBLAS. */
record GpuTools(GpuContext context, Kernels kernels, GpuProducts products) {
}
