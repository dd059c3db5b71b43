package org.charlstm.cuda;

import module java.base;
import org.charlstm.cuda.binding.Cublas;
import org.jspecify.annotations.Nullable;

/** The cuBLAS handles. Each stream has its own handle and workspace, made at the stream's first call. */
final class CublasHandles {
    private static final long MIB = 1 << 20;
    private static final int HOPPER = 90;

    private final Cuda cuda;
    private final Cublas cublas;
    private final Map<CudaStream, Handle> handles = new HashMap<>();
    /** Handles of closed streams, reused by new streams. */
    private final Deque<Handle> spare = new ArrayDeque<>();
    /** The stream of the last call, and its handle; null before the first. */
    private @Nullable CudaStream lastStream;
    private @Nullable Handle lastHandle;

    /** A handle, and its current settings. */
    static final class Handle {
        private final Cublas cublas;
        private final long number;
        private final CudaBuffer workspace;
        private int mode = -1;
        private int scalars = Cublas.SCALARS_OF_HOST;

        Handle(Cublas cublas, long number, CudaBuffer workspace) {
            this.cublas = cublas;
            this.number = number;
            this.workspace = workspace;
        }

        /** Returns the handle, set to a math mode such as {@link Cublas#DEFAULT_MATH} and to factors in host memory. */
        long inMode(int wanted) {
            if (wanted != mode) {
                cublas.cublasSetMathMode(number, wanted);
                mode = wanted;
            }
            return withScalars(Cublas.SCALARS_OF_HOST);
        }

        /** The device address of the workspace. */
        long workPointer() {
            return workspace.pointer();
        }

        long workBytes() {
            return workspace.bytes();
        }

        /** Returns the handle, set to take scalar factors and results in host or device memory. */
        long withScalars(int wanted) {
            if (wanted != scalars) {
                cublas.cublasSetPointerMode_v2(number, wanted);
                scalars = wanted;
            }
            return number;
        }
    }

    CublasHandles(Cuda cuda, Cublas cublas) {
        this.cuda = cuda;
        this.cublas = cublas;
    }

    /** Makes the current stream's handle, which is impossible while work is recorded. */
    void prepare() {
        cuda.driver();
        handle(cuda.stream().handle());
    }

    /** The handle on which to launch work on the current stream. */
    Handle current() {
        cuda.driver();
        return handle(cuda.current().handle());
    }

    /** The current stream's handle, made if needed; {@code current} is the driver's number of the stream. */
    private Handle handle(long current) {
        CudaStream stream = cuda.stream();
        Handle found = stream == lastStream ? lastHandle : handles.get(stream);
        if (found == null) {
            found = spare.isEmpty() ? open() : spare.pop();
            cublas.cublasSetStream_v2(found.number, current);
            // The workspace is set after the stream, since setting the stream resets it. A recorded product needs a
            // lasting workspace.
            cublas.cublasSetWorkspace_v2(found.number, found.workspace.pointer(), found.workspace.bytes());
            handles.put(stream, found);
        }
        lastStream = stream;
        lastHandle = found;
        return found;
    }

    /** Waits for the work of a stream that is being closed, and keeps the stream's handle for another stream. */
    void forget(CudaStream stream) {
        Handle found = handles.remove(stream);
        if (found != null) {
            lastStream = null;
            stream.awaitEnd();
            spare.push(found);
        }
    }

    /** NVIDIA advises a workspace of 32 MiB from Hopper on. */
    private Handle open() {
        CudaBuffer workspace = cuda.uninitialised(CudaType.INT32,
                (cuda.properties().capability() >= HOPPER ? 32 : 8) * MIB / Integer.BYTES, "cuBLAS workspace");
        // The workspace ends with the GPU; no user has to close it.
        cuda.remove(workspace);
        cuda.driver();
        long number;
        try {
            number = cublas.cublasCreate_v2();
        } catch (RuntimeException e) {
            throw Resources.closeAfter(e, workspace::close);
        }
        cuda.own(workspace::close);
        cuda.own(() -> cublas.cublasDestroy_v2(number));
        return new Handle(cublas, number, workspace);
    }
}
