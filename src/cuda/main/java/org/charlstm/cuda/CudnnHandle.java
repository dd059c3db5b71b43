package org.charlstm.cuda;

import org.charlstm.cuda.binding.Cudnn;

/** The cuDNN handle of a GPU. One handle serves all streams, since each call passes its own workspace. */
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

    /** Forgets the stream set last, since a new stream may get the handle of a closed stream. */
    void forget() {
        stream = 0;
    }

    /** The handle, for descriptors, which belong to no stream. */
    long handle() {
        cuda.driver();
        return handle;
    }

    /** The handle, set to the current stream. */
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
