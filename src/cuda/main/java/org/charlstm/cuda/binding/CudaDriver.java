package org.charlstm.cuda.binding;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.cuda.CudaException;
import org.charlstm.cuda.Grid;
import org.jspecify.annotations.Nullable;

/**
 * The functions of CUDA's driver that charlstm calls. Of several versions of a function, this is the oldest sufficient
 * one.
 */
@SuppressWarnings("MemberName") // The names are NVIDIA's.
public interface CudaDriver extends NvidiaLibrary {
    /** Attribute: the alignment of a texture's memory, in bytes. */
    int TEXTURE_ALIGNMENT = 14;
    /** Attribute: the alignment of a texture's pitch, in bytes. */
    int TEXTURE_PITCH_ALIGNMENT = 51;
    /** Attribute: the number of multiprocessors. */
    int MULTIPROCESSORS = 16;
    /** Attribute: the major part of the compute capability. */
    int COMPUTE_CAPABILITY_MAJOR = 75;
    /** Attribute: the minor part of the compute capability. */
    int COMPUTE_CAPABILITY_MINOR = 76;
    /** Attribute: the most shared memory of a block, in bytes, by opt-in through a function's attribute. */
    int SHARED_MEMORY_OPT_IN = 97;
    /** Attribute: whether the device allocates memory in stream order. */
    int MEMORY_POOLS = 115;
    /** Attribute of a pool: the number of unused bytes that the pool keeps. */
    int RELEASE_THRESHOLD = 4;
    /** Attribute of an address: the context of its memory; 0 for memory of a pool. */
    int POINTER_CONTEXT = 1;
    /** Attribute of an address: the device of its memory. */
    int POINTER_DEVICE = 9;
    /** Flag of managed memory: every stream of every device may use it. */
    int ATTACH_GLOBAL = 1;
    /** Attribute of a function: the most dynamic shared memory of a block in a launch, in bytes. */
    int MAX_DYNAMIC_SHARED = 8;
    /** Attribute of a launch: all blocks are resident at once. */
    int COOPERATIVE = 2;
    /** Attribute of a launch: the size of the clusters. */
    int CLUSTER_DIMENSION = 4;
    /** Attribute of a launch: the launch may begin before the previous kernel has ended. */
    int PROGRAMMATIC_STREAM_SERIALIZATION = 6;
    /** Attribute of a launch: a priority in place of the stream's. */
    int PRIORITY = 8;
    /** Flag of a stream: the stream does not synchronise with the default stream. */
    int NON_BLOCKING = 1;
    /** Flag of an event: the event keeps no time. */
    int DISABLE_TIMING = 2;
    /** Mode of capture: calls of other threads are neither recorded nor refused. */
    int CAPTURE_THREAD_LOCAL = 1;
    /** Flag of an executable graph: each kernel keeps the priority of the stream that recorded it. */
    long USE_NODE_PRIORITY = 8;
    /** The first driver version with {@link #USE_NODE_PRIORITY}. */
    int FIRST_WITH_NODE_PRIORITIES = 11070;
    /** Flag of host memory: every context may copy to and from the memory. */
    int PORTABLE = 1;
    /** Status of a query out of range. */
    int INVALID_VALUE = 1;
    /** Status of a call on an invalid handle. */
    int INVALID_HANDLE = 400;
    /** Status of a query for a missing object. */
    int NOT_FOUND = 500;
    /** Status of a query: the work is not done. */
    int NOT_READY = 600;
    /** Status of a graph's update that is impossible. */
    int GRAPH_EXEC_UPDATE_FAILURE = 910;
    /** Bytes that hold any device's name. */
    int NAME_LENGTH = 256;
    /** Bytes of CUgraphExecUpdateResultInfo. */
    long UPDATE_RESULT_BYTES = 24;

    void cuInit(int flags);

    Integer cuGetErrorName(int status, long[] text) throws CharlstmException;

    int cuDriverGetVersion();

    int cuDeviceGetCount();

    /** The handle of a device, by its number from 0; the other functions take the handle. */
    int cuDeviceGet(int ordinal);

    void cuDeviceGetName(MemorySegment name, int length, int device);

    int cuDeviceGetAttribute(int attribute, int device);

    long cuDeviceTotalMem_v2(int device);

    long cuDevicePrimaryCtxRetain(int device);

    void cuDevicePrimaryCtxRelease_v2(int device);

    /** Makes a context current on the calling thread. */
    void cuCtxSetCurrent(long context);

    /** The range of streams' priorities: a lower number is a higher priority. */
    void cuCtxGetStreamPriorityRange(int[] least, int[] greatest);

    /** Allocates device memory of at least one byte. */
    long cuMemAlloc_v2(long bytes);

    /** Tells the memory of the current context's device, which other processes may use too. */
    void cuMemGetInfo_v2(long[] free, long[] total);

    void cuMemFree_v2(long pointer);

    /** Allocates memory for later work of a stream, from CUDA 11.2 on. */
    long cuMemAllocAsync(long bytes, long stream) throws CharlstmException;

    void cuMemFreeAsync(long pointer, long stream) throws CharlstmException;

    long cuDeviceGetDefaultMemPool(int device) throws CharlstmException;

    void cuMemPoolSetAttribute(long pool, int attribute, MemorySegment value) throws CharlstmException;

    /** Allocates managed memory, which the host accesses at the same address. */
    long cuMemAllocManaged(long bytes, int flags) throws CharlstmException;

    /** Tells the beginning and size of the memory that contains an address. */
    Integer cuMemGetAddressRange_v2(long[] start, long[] bytes, long pointer) throws CharlstmException;

    Integer cuPointerGetAttribute(MemorySegment value, int attribute, long pointer) throws CharlstmException;

    /** 1 if a device accesses another device's memory without the host, else 0. */
    int cuDeviceCanAccessPeer(int device, int other) throws CharlstmException;

    void cuMemcpyPeerAsync(long to, long contextOfTo, long from, long contextOfFrom, long bytes, long stream)
            throws CharlstmException;

    /** Enqueues a copy that a {@link RowsCopy} describes. */
    void cuMemcpy2DAsync_v2(MemorySegment copy, long stream) throws CharlstmException;

    long cuMemHostAlloc(long bytes, int flags);

    void cuMemFreeHost(long address);

    void cuMemcpyHtoDAsync_v2(long to, MemorySegment from, long bytes, long stream);

    void cuMemcpyDtoHAsync_v2(MemorySegment to, long from, long bytes, long stream);

    void cuMemcpyDtoDAsync_v2(long to, long from, long bytes, long stream);

    void cuMemsetD32Async(long to, int value, long words, long stream);

    void cuMemsetD16Async(long to, short value, long count, long stream);

    void cuMemsetD8Async(long to, byte value, long count, long stream);

    /** Fills rows that lie {@code pitch} bytes apart. */
    void cuMemsetD2D32Async(long to, long pitch, int value, long width, long rows, long stream);

    /** Makes a stream; a priority out of range is clamped. */
    long cuStreamCreateWithPriority(int flags, int priority);

    Integer cuStreamQuery(long stream);

    void cuStreamDestroy_v2(long stream);

    /** Tells the context that a stream was made in. */
    Integer cuStreamGetCtx(long stream, long[] context) throws CharlstmException;

    /** Enqueues a host function, which gets {@code number} on a thread of the driver and may not call CUDA. */
    void cuLaunchHostFunc(long stream, MemorySegment function, long number) throws CharlstmException;

    void cuStreamSynchronize(long stream);

    /**
     * Makes later operations of a stream wait for the event's last record. If a captured stream recorded the event,
     * this stream is captured too, and the captured stream must wait for this one in turn before the capture ends.
     */
    void cuStreamWaitEvent(long stream, long event, int flags);

    void cuStreamBeginCapture_v2(long stream, int mode);

    void cuStreamEndCapture(long stream, long[] graph);

    long cuEventCreate(int flags);

    void cuEventDestroy_v2(long event);

    void cuEventRecord(long event, long stream);

    Integer cuEventQuery(long event);

    void cuEventSynchronize(long event);

    /** Milliseconds by the GPU's clock between events that keep time and have passed. */
    float cuEventElapsedTime(long start, long end);

    long cuGraphInstantiateWithFlags(long graph, long flags);

    void cuGraphDestroy(long graph);

    void cuGraphLaunch(long executable, long stream);

    /** Updates an executable graph, from CUDA 12.0 on. */
    Integer cuGraphExecUpdate_v2(long executable, long graph, MemorySegment result) throws CharlstmException;

    void cuGraphExecDestroy(long executable);

    /** Loads a CUBIN, a fat binary, or PTX that ends with a zero byte. */
    long cuModuleLoadData(MemorySegment image);

    void cuModuleUnload(long module);

    long cuModuleGetFunction(long module, String name);

    /** The address of a variable. */
    long cuModuleGetGlobal_v2(long[] bytes, long module, String name);

    void cuLinkCreate_v2(int count, MemorySegment options, MemorySegment values, long[] link)
            throws CharlstmException;

    void cuLinkAddData_v2(long link, int type, MemorySegment data, long bytes, String name, int count,
            MemorySegment options, MemorySegment values) throws CharlstmException;

    /** Completes a link; the link owns the image. */
    void cuLinkComplete(long link, long[] image, long[] bytes) throws CharlstmException;

    void cuLinkDestroy(long link) throws CharlstmException;

    /** Makes a texture that a {@link TextureDescription} describes; the view may be null. */
    long cuTexObjectCreate(MemorySegment resource, MemorySegment texture, MemorySegment view) throws CharlstmException;

    void cuTexObjectDestroy(long texture) throws CharlstmException;

    int cuFuncGetAttribute(int attribute, long function);

    /** Sets an attribute such as {@link #MAX_DYNAMIC_SHARED}; by default a launch has at most 48 KiB. */
    void cuFuncSetAttribute(long function, int attribute, int value);

    /** Tells a parameter's offset and size, from CUDA 12.4 on. */
    Integer cuFuncGetParamInfo(long function, long index, long[] offset, long[] size) throws CharlstmException;

    int cuOccupancyMaxActiveBlocksPerMultiprocessor(long function, int threads, long sharedBytes);

    void cuOccupancyMaxPotentialBlockSize(int[] blocks, int[] threads, long function, MemorySegment sharedOfBlock,
            long sharedBytes, int mostThreads);

    /** How many clusters of a launch are resident at once, from CUDA 11.8 on. */
    int cuOccupancyMaxActiveClusters(long function, MemorySegment launch) throws CharlstmException;

    /** The most blocks of a cluster of a launch, from CUDA 11.8 on. */
    int cuOccupancyMaxPotentialClusterSize(long function, MemorySegment launch) throws CharlstmException;

    void cuLaunchKernel(long function, int blocksX, int blocksY, int blocksZ, int threadsX, int threadsY, int threadsZ,
            int sharedBytes, long stream, MemorySegment arguments, MemorySegment more);

    /** Launches a kernel with attributes, from CUDA 11.8 on. */
    void cuLaunchKernelEx(MemorySegment launch, long function, MemorySegment arguments, MemorySegment more)
            throws CharlstmException;

    @Override
    default String remedy() {
        return "update the GPU driver to CUDA 12 or newer";
    }

    @Override
    default void start() {
        cuInit(0);
    }

    @Override
    default CudaException failure(String call, int status) {
        long[] name = new long[1];
        boolean known = has("cuGetErrorName") && cuGetErrorName(status, name) == 0;
        return StatusTable.DRIVER.failure(call, status, known ? NvidiaLibrary.textAt(name[0]) : "",
                DriverCause.of(this, status));
    }

    /** A version of CUDA as people write it, for example 13.0 for 13000. */
    static String versionText(int version) {
        return version / 1000 + "." + version % 1000 / 10;
    }

    /** The CUDA version that the driver supports: 1000 x major + 10 x minor. */
    default int version() {
        return cuDriverGetVersion();
    }

    /** The name of a device. */
    default String deviceName(int device) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = arena.allocate(NAME_LENGTH);
            cuDeviceGetName(name, NAME_LENGTH, device);
            return name.getString(0);
        }
    }

    /** Enqueues a copy from host memory, which must not change before the stream is synchronised. */
    default void copyToDevice(long to, MemorySegment from, long stream) {
        cuMemcpyHtoDAsync_v2(to, from, from.byteSize(), stream);
    }

    /** Enqueues a copy to host memory, which holds the values once the stream is synchronised. */
    default void copyToHost(MemorySegment to, long from, long stream) {
        cuMemcpyDtoHAsync_v2(to, from, to.byteSize(), stream);
    }

    /** The memory of the current context's device. */
    default Memory memory() {
        long[] free = new long[1];
        long[] total = new long[1];
        cuMemGetInfo_v2(free, total);
        return new Memory(free[0], total[0]);
    }

    /** Bytes of a device's memory. */
    record Memory(long free, long total) {
    }

    /** An attribute of the memory at an address; empty if the driver knows no such memory. */
    default OptionalLong pointerAttribute(int attribute, long pointer) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment value = arena.allocate(JAVA_LONG);
            return isUnless(INVALID_VALUE, "cuPointerGetAttribute", cuPointerGetAttribute(value, attribute, pointer))
                    ? OptionalLong.of(value.get(JAVA_LONG, 0)) : OptionalLong.empty();
        }
    }

    /** The context of a stream; empty if the handle is no stream. */
    default OptionalLong contextOf(long stream) {
        long[] context = new long[1];
        return isUnless(INVALID_HANDLE, "cuStreamGetCtx", cuStreamGetCtx(stream, context)) ? OptionalLong.of(context[0])
                : OptionalLong.empty();
    }

    /**
     * An executable graph whose kernels keep the priorities of the streams that recorded them. A driver before CUDA
     * 11.7 gives every kernel the launching stream's priority.
     */
    default long instantiate(long graph) {
        return cuGraphInstantiateWithFlags(graph, version() < FIRST_WITH_NODE_PRIORITIES ? 0 : USE_NODE_PRIORITY);
    }

    /** The range of streams' priorities; the least priority is the larger number. */
    default PriorityRange priorities() {
        int[] least = new int[1];
        int[] greatest = new int[1];
        cuCtxGetStreamPriorityRange(least, greatest);
        return new PriorityRange(least[0], greatest[0]);
    }

    /** Priorities of streams: a lower number is a higher priority. */
    record PriorityRange(int least, int greatest) {
    }

    /** Whether all work of a stream is done. */
    default boolean done(long stream) {
        return isUnless(NOT_READY, "cuStreamQuery", cuStreamQuery(stream));
    }

    /** Whether the work before an event's last record is done. */
    default boolean passed(long event) {
        return isUnless(NOT_READY, "cuEventQuery", cuEventQuery(event));
    }

    private boolean isUnless(int no, String call, int status) {
        if (status != 0 && status != no) {
            throw failure(call, status);
        }
        return status == 0;
    }

    /** Ends a capture, and returns the graph. */
    default long endCapture(long stream) {
        long[] graph = new long[1];
        cuStreamEndCapture(stream, graph);
        return graph[0];
    }

    /**
     * Updates an executable graph with the arguments of a graph of the same operations; if that is impossible, returns
     * false and leaves the graph unchanged.
     */
    default boolean update(long executable, long graph) {
        try (Arena arena = Arena.ofConfined()) {
            return isUnless(GRAPH_EXEC_UPDATE_FAILURE, "cuGraphExecUpdate_v2",
                    cuGraphExecUpdate_v2(executable, graph, arena.allocate(UPDATE_RESULT_BYTES, JAVA_LONG.byteSize())));
        }
    }

    /** The offsets and sizes of a function's parameters; null if the driver is too old to tell. */
    default @Nullable List<ParameterPlace> parameters(long function) {
        if (!has("cuFuncGetParamInfo")) {
            return null;
        }
        long[] offset = new long[1];
        long[] size = new long[1];
        List<ParameterPlace> places = new ArrayList<>();
        for (long i = 0; isUnless(INVALID_VALUE, "cuFuncGetParamInfo",
                cuFuncGetParamInfo(function, i, offset, size)); i++) {
            places.add(new ParameterPlace(offset[0], size[0]));
        }
        return places;
    }

    /** A parameter's offset and size in bytes. */
    record ParameterPlace(long offset, long size) {
    }

    /** The block size of a function's highest occupancy, and the blocks that fill the device. */
    default Occupancy bestBlock(long function, long sharedBytes) {
        int[] blocks = new int[1];
        int[] threads = new int[1];
        cuOccupancyMaxPotentialBlockSize(blocks, threads, function, MemorySegment.NULL, sharedBytes, 0);
        return new Occupancy(blocks[0], threads[0]);
    }

    /** Blocks and threads of a launch that fills the device. */
    record Occupancy(int blocks, int threads) {
    }

    /** How many clusters of a launch are resident at once. */
    default int clustersAtOnce(long function, Grid grid) {
        return cuOccupancyMaxActiveClusters(function, LaunchConfiguration.of(grid, 0));
    }

    /** The most blocks that a cluster of a launch can have. */
    default int mostBlocksOfCluster(long function, Grid grid) {
        return cuOccupancyMaxPotentialClusterSize(function, LaunchConfiguration.of(grid, 0));
    }

    /** Launches a kernel; {@code arguments} is an array of pointers to the arguments in host memory. */
    default void launch(long function, Grid grid, long stream, MemorySegment arguments) {
        if (grid.clusters() || grid.attributes().any()) {
            cuLaunchKernelEx(LaunchConfiguration.of(grid, stream), function, arguments, MemorySegment.NULL);
        } else {
            cuLaunchKernel(function, grid.blocksX(), grid.blocksY(), grid.blocksZ(), grid.threadsX(), grid.threadsY(),
                    grid.threadsZ(), grid.sharedBytes(), stream, arguments, MemorySegment.NULL);
        }
    }
}
