package org.charlstm.cuda.binding;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.cuda.CudaException;
import org.charlstm.cuda.Grid;
import org.jspecify.annotations.Nullable;

/** The functions of CUDA's driver that are called. Where one has several versions, the oldest that does the job. */
@SuppressWarnings("MemberName") // The names are NVIDIA's.
public interface CudaDriver extends NvidiaLibrary {
    /** Attribute: multiples of so many bytes are where memory for a texture begins. */
    int TEXTURE_ALIGNMENT = 14;
    /** Attribute: multiples of so many bytes are where its rows begin. */
    int TEXTURE_PITCH_ALIGNMENT = 51;
    /** Attribute: how many multiprocessors there are. */
    int MULTIPROCESSORS = 16;
    /** Attribute: the major part of the compute capability. */
    int COMPUTE_CAPABILITY_MAJOR = 75;
    /** Attribute: the minor part of the compute capability. */
    int COMPUTE_CAPABILITY_MINOR = 76;
    /** Attribute: the most shared memory, in bytes, that a block may have where a function's attribute allows it. */
    int SHARED_MEMORY_OPT_IN = 97;
    /** Attribute: whether memory comes in the order of a stream. */
    int MEMORY_POOLS = 115;
    /** Attribute of a pool: how many bytes it keeps, though nobody has them. */
    int RELEASE_THRESHOLD = 4;
    /** Attribute of an address: the context of its memory; 0 for memory of a pool. */
    int POINTER_CONTEXT = 1;
    /** Attribute of an address: the device of its memory. */
    int POINTER_DEVICE = 9;
    /** Flag of managed memory: every stream of every device may use it. */
    int ATTACH_GLOBAL = 1;
    /** Attribute of a function: the most dynamic shared memory, in bytes, that a launch of it may give a block. */
    int MAX_DYNAMIC_SHARED = 8;
    /** Attribute of a launch: all its blocks run at once. */
    int COOPERATIVE = 2;
    /** Attribute of a launch: the size of its clusters. */
    int CLUSTER_DIMENSION = 4;
    /** Attribute of a launch: it may begin before the kernel before it has ended. */
    int PROGRAMMATIC_STREAM_SERIALIZATION = 6;
    /** Attribute of a launch: its priority, in place of the stream's. */
    int PRIORITY = 8;
    /** Flag of a stream: it does not synchronise with the default stream. */
    int NON_BLOCKING = 1;
    /** Flag of an event: it keeps no time. */
    int DISABLE_TIMING = 2;
    /** Mode of capture: calls of other threads are neither recorded nor refused. */
    int CAPTURE_THREAD_LOCAL = 1;
    /** Flag of an executable graph: each kernel keeps the priority of the stream that recorded it. */
    long USE_NODE_PRIORITY = 8;
    /** The driver's version from which on there is that flag. */
    int FIRST_WITH_NODE_PRIORITIES = 11070;
    /** Flag of host memory: every context may copy to and from it. */
    int PORTABLE = 1;
    /** Status of a question that goes beyond what there is. */
    int INVALID_VALUE = 1;
    /** Status of a call about what is no object of the driver's. */
    int INVALID_HANDLE = 400;
    /** Status of a question about what there is not. */
    int NOT_FOUND = 500;
    /** Status of a query: the work is not done. */
    int NOT_READY = 600;
    /** Status of an update of a graph: it could not be. */
    int GRAPH_EXEC_UPDATE_FAILURE = 910;
    /** Bytes that any device's name fits in. */
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

    /** This thread's calls are that context's from now on. */
    void cuCtxSetCurrent(long context);

    /** Priorities of streams: the lower, the sooner. */
    void cuCtxGetStreamPriorityRange(int[] least, int[] greatest);

    /** Device memory of at least one byte. */
    long cuMemAlloc_v2(long bytes);

    /** Of the current context's device, which other processes may use too. */
    void cuMemGetInfo_v2(long[] free, long[] total);

    void cuMemFree_v2(long pointer);

    /** Memory for work of a stream after this, from CUDA 11.2 on. */
    long cuMemAllocAsync(long bytes, long stream) throws CharlstmException;

    void cuMemFreeAsync(long pointer, long stream) throws CharlstmException;

    long cuDeviceGetDefaultMemPool(int device) throws CharlstmException;

    void cuMemPoolSetAttribute(long pool, int attribute, MemorySegment value) throws CharlstmException;

    /** Memory that the host reaches at the same address. */
    long cuMemAllocManaged(long bytes, int flags) throws CharlstmException;

    /** Where the memory begins and ends that an address lies in. */
    Integer cuMemGetAddressRange_v2(long[] start, long[] bytes, long pointer) throws CharlstmException;

    Integer cuPointerGetAttribute(MemorySegment value, int attribute, long pointer) throws CharlstmException;

    /** 1 if a device reaches the memory of another without the host. */
    int cuDeviceCanAccessPeer(int device, int other) throws CharlstmException;

    void cuMemcpyPeerAsync(long to, long contextOfTo, long from, long contextOfFrom, long bytes, long stream)
            throws CharlstmException;

    /** By a {@link RowsCopy}. */
    void cuMemcpy2DAsync_v2(MemorySegment copy, long stream) throws CharlstmException;

    long cuMemHostAlloc(long bytes, int flags);

    void cuMemFreeHost(long address);

    void cuMemcpyHtoDAsync_v2(long to, MemorySegment from, long bytes, long stream);

    void cuMemcpyDtoHAsync_v2(MemorySegment to, long from, long bytes, long stream);

    void cuMemcpyDtoDAsync_v2(long to, long from, long bytes, long stream);

    void cuMemsetD32Async(long to, int value, long words, long stream);

    void cuMemsetD16Async(long to, short value, long count, long stream);

    void cuMemsetD8Async(long to, byte value, long count, long stream);

    /** Rows lie {@code pitch} bytes apart. */
    void cuMemsetD2D32Async(long to, long pitch, int value, long width, long rows, long stream);

    /** A priority out of range is the nearest. */
    long cuStreamCreateWithPriority(int flags, int priority);

    Integer cuStreamQuery(long stream);

    void cuStreamDestroy_v2(long stream);

    /** The context that it was made in. */
    Integer cuStreamGetCtx(long stream, long[] context) throws CharlstmException;

    /** The function gets the number, on a thread of the driver's, and may call nothing of CUDA. */
    void cuLaunchHostFunc(long stream, MemorySegment function, long number) throws CharlstmException;

    void cuStreamSynchronize(long stream);

    /**
     * Later operations of a stream run after those before the event's last record. If that was in a stream that is
     * being recorded, this one is recorded too, and the other has to wait for it in turn before the recording ends.
     */
    void cuStreamWaitEvent(long stream, long event, int flags);

    void cuStreamBeginCapture_v2(long stream, int mode);

    void cuStreamEndCapture(long stream, long[] graph);

    long cuEventCreate(int flags);

    void cuEventDestroy_v2(long event);

    void cuEventRecord(long event, long stream);

    Integer cuEventQuery(long event);

    void cuEventSynchronize(long event);

    /** Milliseconds, as the GPU saw them, between events that keep time and have passed. */
    float cuEventElapsedTime(long start, long end);

    long cuGraphInstantiateWithFlags(long graph, long flags);

    void cuGraphDestroy(long graph);

    void cuGraphLaunch(long executable, long stream);

    /** From CUDA 12.0 on. */
    Integer cuGraphExecUpdate_v2(long executable, long graph, MemorySegment result) throws CharlstmException;

    void cuGraphExecDestroy(long executable);

    /** A CUBIN, a fat binary, or PTX with a zero at its end. */
    long cuModuleLoadData(MemorySegment image);

    void cuModuleUnload(long module);

    long cuModuleGetFunction(long module, String name);

    /** The address of a variable. */
    long cuModuleGetGlobal_v2(long[] bytes, long module, String name);

    void cuLinkCreate_v2(int count, MemorySegment options, MemorySegment values, long[] link)
            throws CharlstmException;

    void cuLinkAddData_v2(long link, int type, MemorySegment data, long bytes, String name, int count,
            MemorySegment options, MemorySegment values) throws CharlstmException;

    /** The image is the link's, and ends with it. */
    void cuLinkComplete(long link, long[] image, long[] bytes) throws CharlstmException;

    void cuLinkDestroy(long link) throws CharlstmException;

    /** By a {@link TextureDescription}; a view may be null. */
    long cuTexObjectCreate(MemorySegment resource, MemorySegment texture, MemorySegment view) throws CharlstmException;

    void cuTexObjectDestroy(long texture) throws CharlstmException;

    int cuFuncGetAttribute(int attribute, long function);

    /** For example {@link #MAX_DYNAMIC_SHARED}, without which a launch has at most 48 KiB. */
    void cuFuncSetAttribute(long function, int attribute, int value);

    /** From CUDA 12.4 on. */
    Integer cuFuncGetParamInfo(long function, long index, long[] offset, long[] size) throws CharlstmException;

    int cuOccupancyMaxActiveBlocksPerMultiprocessor(long function, int threads, long sharedBytes);

    void cuOccupancyMaxPotentialBlockSize(int[] blocks, int[] threads, long function, MemorySegment sharedOfBlock,
            long sharedBytes, int mostThreads);

    /** How many clusters of a launch run at a time, from CUDA 11.8 on. */
    int cuOccupancyMaxActiveClusters(long function, MemorySegment launch) throws CharlstmException;

    /** The most blocks of a cluster of a launch, from CUDA 11.8 on. */
    int cuOccupancyMaxPotentialClusterSize(long function, MemorySegment launch) throws CharlstmException;

    void cuLaunchKernel(long function, int blocksX, int blocksY, int blocksZ, int threadsX, int threadsY, int threadsZ,
            int sharedBytes, long stream, MemorySegment arguments, MemorySegment more);

    /** From CUDA 11.8 on. */
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

    /** 1000 x major + 10 x minor, of the CUDA that the driver supports. */
    default int version() {
        return cuDriverGetVersion();
    }

    /** The name of a device, as users know it. */
    default String deviceName(int device) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = arena.allocate(NAME_LENGTH);
            cuDeviceGetName(name, NAME_LENGTH, device);
            return name.getString(0);
        }
    }

    /** Copies host memory, which is untouched until the stream is synchronised. */
    default void copyToDevice(long to, MemorySegment from, long stream) {
        cuMemcpyHtoDAsync_v2(to, from, from.byteSize(), stream);
    }

    /** Copies to host memory, which holds the values once the stream is synchronised. */
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

    /** An attribute of the memory that an address lies in; empty if the driver knows none. */
    default OptionalLong pointerAttribute(int attribute, long pointer) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment value = arena.allocate(JAVA_LONG);
            return isUnless(INVALID_VALUE, "cuPointerGetAttribute", cuPointerGetAttribute(value, attribute, pointer))
                    ? OptionalLong.of(value.get(JAVA_LONG, 0)) : OptionalLong.empty();
        }
    }

    /** The context of a stream; empty for what is no stream. */
    default OptionalLong contextOf(long stream) {
        long[] context = new long[1];
        return isUnless(INVALID_HANDLE, "cuStreamGetCtx", cuStreamGetCtx(stream, context)) ? OptionalLong.of(context[0])
                : OptionalLong.empty();
    }

    /**
     * An executable graph whose kernels keep the priorities of the streams that recorded them. A driver before CUDA
     * 11.7 gives all of them that of the stream of the launch.
     */
    default long instantiate(long graph) {
        return cuGraphInstantiateWithFlags(graph, version() < FIRST_WITH_NODE_PRIORITIES ? 0 : USE_NODE_PRIORITY);
    }

    /** The least priority of a stream, which is the larger number, and the greatest. */
    default PriorityRange priorities() {
        int[] least = new int[1];
        int[] greatest = new int[1];
        cuCtxGetStreamPriorityRange(least, greatest);
        return new PriorityRange(least[0], greatest[0]);
    }

    /** Priorities of streams: a lower number comes first. */
    record PriorityRange(int least, int greatest) {
    }

    /** Whether all work of a stream is done. */
    default boolean done(long stream) {
        return isUnless(NOT_READY, "cuStreamQuery", cuStreamQuery(stream));
    }

    /** Whether the stream has come to where an event was recorded last. */
    default boolean passed(long event) {
        return isUnless(NOT_READY, "cuEventQuery", cuEventQuery(event));
    }

    private boolean isUnless(int no, String call, int status) {
        if (status != 0 && status != no) {
            throw failure(call, status);
        }
        return status == 0;
    }

    /** The graph of what was recorded. */
    default long endCapture(long stream) {
        long[] graph = new long[1];
        cuStreamEndCapture(stream, graph);
        return graph[0];
    }

    /** A graph takes the arguments of another of the same operations; false, and as it was, if it cannot. */
    default boolean update(long executable, long graph) {
        try (Arena arena = Arena.ofConfined()) {
            return isUnless(GRAPH_EXEC_UPDATE_FAILURE, "cuGraphExecUpdate_v2",
                    cuGraphExecUpdate_v2(executable, graph, arena.allocate(UPDATE_RESULT_BYTES, JAVA_LONG.byteSize())));
        }
    }

    /** Where a function's parameters lie; null if the driver cannot say. */
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

    /** Where a parameter lies, in bytes, and how many it has. */
    record ParameterPlace(long offset, long size) {
    }

    /** Threads of a block that occupy a function best, and blocks that fill the device. */
    default Occupancy bestBlock(long function, long sharedBytes) {
        int[] blocks = new int[1];
        int[] threads = new int[1];
        cuOccupancyMaxPotentialBlockSize(blocks, threads, function, MemorySegment.NULL, sharedBytes, 0);
        return new Occupancy(blocks[0], threads[0]);
    }

    /** Blocks and threads of a launch that fills the device. */
    record Occupancy(int blocks, int threads) {
    }

    /** How many clusters of a launch run at a time. */
    default int clustersAtOnce(long function, Grid grid) {
        return cuOccupancyMaxActiveClusters(function, LaunchConfiguration.of(grid, 0));
    }

    /** The most blocks that a cluster of a launch can have. */
    default int mostBlocksOfCluster(long function, Grid grid) {
        return cuOccupancyMaxPotentialClusterSize(function, LaunchConfiguration.of(grid, 0));
    }

    /** Launches a kernel; the arguments are pointers to each in host memory. */
    default void launch(long function, Grid grid, long stream, MemorySegment arguments) {
        if (grid.clusters() || grid.attributes().any()) {
            cuLaunchKernelEx(LaunchConfiguration.of(grid, stream), function, arguments, MemorySegment.NULL);
        } else {
            cuLaunchKernel(function, grid.blocksX(), grid.blocksY(), grid.blocksZ(), grid.threadsX(), grid.threadsY(),
                    grid.threadsZ(), grid.sharedBytes(), stream, arguments, MemorySegment.NULL);
        }
    }
}
