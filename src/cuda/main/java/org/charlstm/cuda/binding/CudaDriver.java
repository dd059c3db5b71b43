package org.charlstm.cuda.binding;

import java.lang.foreign.MemorySegment;
import org.charlstm.cuda.CudaException;
import org.charlstm.cuda.Grid;
import org.jspecify.annotations.Nullable;

/**
 * The calls of CUDA's driver that are used, one method each. Handles and device pointers are longs, host memory is a
 * segment outside the heap. Every method throws {@link CudaException} when the driver reports a status other than 0.
 */
public interface CudaDriver {
    /** The file that was opened. */
    String place();

    /** Attribute: how many multiprocessors there are. */
    int MULTIPROCESSORS = 16;
    /** Attribute: the major part of the compute capability. */
    int COMPUTE_CAPABILITY_MAJOR = 75;
    /** Attribute: the minor part of the compute capability. */
    int COMPUTE_CAPABILITY_MINOR = 76;
    /** Attribute: the most shared memory, in bytes, that a block may have where a function's attribute allows it. */
    int SHARED_MEMORY_OPT_IN = 97;
    /** Attribute of a function: the most dynamic shared memory, in bytes, that a launch of it may give a block. */
    int MAX_DYNAMIC_SHARED = 8;
    /** Flag of a stream: it does not synchronise with the default stream. */
    int NON_BLOCKING = 1;
    /** Flag of an event: it keeps no time. */
    int DISABLE_TIMING = 2;
    /** Mode of capture: calls of other threads are neither recorded nor refused. */
    int CAPTURE_THREAD_LOCAL = 1;
    /** Flag of host memory: every context may copy to and from it. */
    int PORTABLE = 1;
    /** Status of a query: the work is not done. */
    int NOT_READY = 600;
    /** Status of an update of a graph: it could not be. */
    int GRAPH_EXEC_UPDATE_FAILURE = 910;
    /** Bytes that any device's name fits in. */
    int NAME_LENGTH = 256;

    /** cuDriverGetVersion: 1000 x major + 10 x minor, of the CUDA that the driver supports. */
    int version();

    /** A version of CUDA as people write it, for example 13.0 for 13000. */
    static String versionText(int version) {
        return version / 1000 + "." + version % 1000 / 10;
    }

    /** cuDeviceGetCount. */
    int deviceCount();

    /**
     * cuDeviceGet.
     *
     * @param ordinal from 0
     * @return the device's handle, which the other methods take
     */
    int device(int ordinal);

    /** cuDeviceGetName. */
    String deviceName(int device);

    /** cuDeviceGetAttribute. */
    int attribute(int attribute, int device);

    /** cuDeviceTotalMem: bytes. */
    long totalMemory(int device);

    /** cuDevicePrimaryCtxRetain. */
    long retainContext(int device);

    /** cuCtxSetCurrent: this thread's calls are that context's from now on. */
    void makeCurrent(long context);

    /** cuDevicePrimaryCtxRelease. */
    void releaseContext(int device);

    /**
     * cuMemAlloc.
     *
     * @param bytes at least 1
     */
    long allocate(long bytes);

    /** cuMemGetInfo: free bytes of the current context's device, which other processes may use too. */
    long freeMemory();

    /** cuMemFree. */
    void free(long pointer);

    /** cuMemHostAlloc: the address of pinned host memory that every context may copy to and from. */
    long allocateHost(long bytes);

    /** cuMemFreeHost. */
    void freeHost(long address);

    /**
     * cuMemcpyHtoDAsync.
     *
     * @param from   host memory; untouched until the stream is synchronised
     */
    void copyToDevice(long to, MemorySegment from, long stream);

    /**
     * cuMemcpyDtoHAsync.
     *
     * @param to     host memory; holds the values once the stream is synchronised
     */
    void copyToHost(MemorySegment to, long from, long stream);

    /** cuMemcpyDtoDAsync. */
    void copy(long to, long from, long bytes, long stream);

    /** cuMemsetD32Async. */
    void fill(long to, int value, long words, long stream);

    /** cuMemsetD16Async. */
    void fillShorts(long to, short value, long count, long stream);

    /**
     * cuMemsetD2D32Async: the first word of each row.
     *
     * @param pitch bytes from one row to the next
     */
    void fillEach(long to, long pitch, int value, long rows, long stream);

    /**
     * cuStreamCreateWithPriority, not synchronising with the default stream.
     *
     * @param priority the lower, the sooner its blocks run where others' could, too; one out of range is the nearest
     */
    long createStream(int priority);

    /** cuCtxGetStreamPriorityRange: the least priority, which is the larger number, and the greatest. */
    PriorityRange priorities();

    /** Priorities of streams: a lower number comes first. */
    record PriorityRange(int least, int greatest) {
    }

    /** cuStreamQuery: whether all work of a stream is done. */
    boolean done(long stream);

    /** cuStreamDestroy. */
    void destroyStream(long stream);

    /** cuStreamSynchronize. */
    void synchronize(long stream);

    /**
     * cuEventCreate.
     *
     * @param flags 0, or {@link #DISABLE_TIMING}
     */
    long createEvent(int flags);

    /** cuEventDestroy. */
    void destroyEvent(long event);

    /** cuEventRecord. */
    void recordEvent(long event, long stream);

    /** cuEventQuery: whether the stream has come to where the event was recorded last. */
    boolean passed(long event);

    /** cuEventSynchronize: waits until the stream has come to where the event was recorded last. */
    void awaitEvent(long event);

    /**
     * cuStreamWaitEvent: later operations of a stream run after those before the event's last record. If that was in a
     * stream that is being recorded, this one is recorded too, and the other has to wait for it in turn before the
     * recording ends.
     */
    void waitFor(long stream, long event);

    /**
     * cuEventElapsedTime, of events that keep time and have passed.
     *
     * @return milliseconds from one to the other, as the GPU saw them
     */
    float elapsedTime(long start, long end);

    /** cuStreamBeginCapture, for this thread alone. */
    void beginCapture(long stream);

    /** cuStreamEndCapture. */
    long endCapture(long stream);

    /** cuGraphInstantiateWithFlags. */
    long instantiate(long graph);

    /** cuGraphDestroy. */
    void destroyGraph(long graph);

    /** cuGraphLaunch. */
    void launchGraph(long executable, long stream);

    /**
     * cuGraphExecUpdate: an executable graph takes the arguments of another graph of the same operations.
     *
     * @return whether it could; else it is as it was
     */
    boolean update(long executable, long graph);

    /** cuGraphExecDestroy. */
    void destroyExecutable(long executable);

    /**
     * cuModuleLoadData.
     *
     * @param image a CUBIN, a fat binary, or PTX with a zero at its end
     */
    long loadModule(MemorySegment image);

    /** cuModuleUnload. */
    void unloadModule(long module);

    /** cuModuleGetFunction. */
    long function(long module, String name);

    /** cuFuncGetAttribute, by the numbers of CUfunction_attribute. */
    int functionAttribute(int attribute, long function);

    /** cuFuncSetAttribute, for example {@link #MAX_DYNAMIC_SHARED}, without which a launch has at most 48 KiB. */
    void setFunctionAttribute(long function, int attribute, int value);

    /**
     * cuFuncGetParamInfo, asked for each: the sizes of a function's parameters in bytes.
     *
     * @return null if the driver cannot say, before CUDA 12.4
     */
    int @Nullable [] parameterSizes(long function);

    /** cuOccupancyMaxActiveBlocksPerMultiprocessor. */
    int activeBlocks(long function, int threads, long sharedBytes);

    /** cuOccupancyMaxPotentialBlockSize: threads of a block that occupy it best, and blocks that fill it. */
    Occupancy bestBlock(long function, long sharedBytes);

    /** Blocks and threads of a launch that fills the device. */
    record Occupancy(int blocks, int threads) {
    }

    /**
     * cuLaunchKernel; with a cluster larger than one block cuLaunchKernelEx.
     *
     * @param arguments host memory: a pointer to each argument
     */
    void launch(long function, Grid grid, long stream, MemorySegment arguments);
}
