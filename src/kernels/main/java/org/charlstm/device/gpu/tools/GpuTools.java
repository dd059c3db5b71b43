package org.charlstm.device.gpu.tools;

/** The tools of operations on a GPU: its context, the kernels and cuBLAS. */
public record GpuTools(GpuContext context, Kernels kernels, GpuProducts products) {
    /** Copies all elements of the source; converts between float32 and bf16 if the types differ. */
    public void copy(GpuView from, GpuView to) {
        if (from.type() == to.type()) {
            context.cuda().memory().copy(to.pointer(), from.pointer(), from.type().bytes() * from.count());
        } else {
            int count = Math.toIntExact(from.count());
            kernels.each(Kernel.CONVERT, count, from, to, count, to.type().bf16());
        }
    }
}
