package org.charlstm.device.gpu;

import org.charlstm.cuda.CudaContext;
import org.charlstm.cuda.CudaType;
import org.charlstm.cuda.Cudnn;
import org.charlstm.cuda.Precision;

/** A handle of cuDNN on a context's stream, and the dropout descriptor that every recurrent network needs. */
final class CudnnHandle {
    private final CudaContext context;
    private final Cudnn cudnn;
    private final Precision precision;
    private final long handle;
    private final long dropout;

    /** It lives as long as the memory's scope. */
    CudnnHandle(CudaContext context, GpuMemory memory, Cudnn cudnn, Precision precision) {
        this.precision = precision;
        this.context = context;
        this.cudnn = cudnn;
        context.driver();
        handle = cudnn.create();
        memory.own(() -> cudnn.destroy(handle));
        cudnn.setStream(handle, context.stream());
        dropout = cudnn.createDropout(handle);
        memory.own(() -> cudnn.destroyDropout(dropout));
    }

    CudaContext context() {
        return context;
    }

    /** cuDNN, with the context current on the calling thread. */
    Cudnn cudnn() {
        context.driver();
        return cudnn;
    }

    long handle() {
        return handle;
    }

    long dropout() {
        return dropout;
    }

    Precision precision() {
        return precision;
    }

    /** The type of x, h, c and the weights. */
    CudaType type() {
        return CudaType.ofActivations(precision);
    }
}
