package org.charlstm.cuda;

import org.charlstm.cuda.binding.Cudnn;

/** cuDNN on a GPU. One handle serves all streams, since each call brings a workspace of its own. */
final class CudnnHandle {
    private final Cuda cuda;
    private final Cudnn cudnn;
    private final long handle;
    private long stream;

    CudnnHandle(Cuda cuda, Cudnn cudnn) {
        this.cuda = cuda;
        this.cudnn = cudnn;
        cuda.driver();
        handle = cudnn.cudnnCreate();
        cuda.own(() -> cudnn.cudnnDestroy(handle));
    }

    Cuda cuda() {
        return cuda;
    }

    /** cuDNN, with the context current on the calling thread. */
    Cudnn cudnn() {
        cuda.driver();
        return cudnn;
    }

    /** Another stream may get the number of one that ends. */
    void forget() {
        stream = 0;
    }

    /** For descriptions, which belong to no stream. */
    long handle() {
        cuda.driver();
        return handle;
    }

    /** For work on the current stream. */
    long onStream() {
        cuda.driver();
        long current = cuda.current().handle();
        if (current != stream) {
            cudnn.cudnnSetStream(handle, current);
            stream = current;
        }
        return handle;
    }
}
