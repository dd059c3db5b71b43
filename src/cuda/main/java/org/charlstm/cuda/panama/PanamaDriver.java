package org.charlstm.cuda.panama;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import org.charlstm.CharlstmException;
import org.charlstm.cuda.Grid;
import org.charlstm.cuda.binding.CudaDriver;
import org.charlstm.cuda.binding.LibrarySearch;
import org.charlstm.cuda.binding.StatusTable;
import org.charlstm.cuda.panama.NativeFunctions.Function;
import org.jspecify.annotations.Nullable;

/** CUDA's driver through java.lang.foreign. Where a symbol has several versions, the oldest that does the job. */
public final class PanamaDriver implements CudaDriver {
    private static final String LAUNCH_KINDS = "liiiiiiilpp";
    /** A constant, as those of {@link ExactCalls}. */
    private static final MethodHandle LAUNCH = NativeFunctions.caller(LAUNCH_KINDS);

    private final LibrarySearch.Found library;
    @SuppressWarnings("NullAway") // The constructor sets the library first.
    private final NativeFunctions functions = new NativeFunctions(library, this::check);
    @SuppressWarnings("NullAway") // As above.
    private final DriverCause cause = new DriverCause(library);
    private final Function errorName = functions.optional("cuGetErrorName", "ip");
    private final Function driverGetVersion = functions.required("cuDriverGetVersion", "p");
    private final Function deviceGetCount = functions.required("cuDeviceGetCount", "p");
    private final Function deviceGet = functions.required("cuDeviceGet", "pi");
    private final Function deviceGetName = functions.required("cuDeviceGetName", "pii");
    private final Function deviceGetAttribute = functions.required("cuDeviceGetAttribute", "pii");
    private final Function deviceTotalMem = functions.required("cuDeviceTotalMem_v2", "pi");
    private final Function primaryContextRetain = functions.required("cuDevicePrimaryCtxRetain", "pi");
    private final Function primaryContextRelease = functions.required("cuDevicePrimaryCtxRelease_v2", "i");
    private final Function contextSetCurrent = functions.required("cuCtxSetCurrent", "l");
    private final Function memAlloc = functions.required("cuMemAlloc_v2", "pl");
    private final Function memGetInfo = functions.required("cuMemGetInfo_v2", "pp");
    private final Function memFree = functions.required("cuMemFree_v2", "l");
    private final Function memHostAlloc = functions.required("cuMemHostAlloc", "pli");
    private final Function memFreeHost = functions.required("cuMemFreeHost", "l");
    private final Function memcpyHtoD = functions.required("cuMemcpyHtoDAsync_v2", "lpll");
    private final Function memcpyDtoH = functions.required("cuMemcpyDtoHAsync_v2", "plll");
    private final Function memcpyDtoD = functions.required("cuMemcpyDtoDAsync_v2", "llll");
    private final Function memsetD32 = functions.required("cuMemsetD32Async", "lill");
    private final Function memsetD16 = functions.required("cuMemsetD16Async", "lsll");
    private final Function memsetD2D32 = functions.required("cuMemsetD2D32Async", "llilll");
    private final Function contextGetPriorities = functions.required("cuCtxGetStreamPriorityRange", "pp");
    private final Function streamCreate = functions.required("cuStreamCreateWithPriority", "pii");
    private final Function streamQuery = functions.required("cuStreamQuery", "l");
    private final Function streamDestroy = functions.required("cuStreamDestroy_v2", "l");
    private final Function streamSynchronize = functions.required("cuStreamSynchronize", "l");
    private final Function eventCreate = functions.required("cuEventCreate", "pi");
    private final Function eventDestroy = functions.required("cuEventDestroy_v2", "l");
    private final Function eventRecord = functions.required("cuEventRecord", "ll");
    private final Function eventQuery = functions.required("cuEventQuery", "l");
    private final Function eventSynchronize = functions.required("cuEventSynchronize", "l");
    private final Function streamWaitEvent = functions.required("cuStreamWaitEvent", "lli");
    private final Function eventElapsedTime = functions.required("cuEventElapsedTime", "pll");
    private final Function streamBeginCapture = functions.required("cuStreamBeginCapture_v2", "li");
    private final Function streamEndCapture = functions.required("cuStreamEndCapture", "lp");
    private final Function graphInstantiate = functions.required("cuGraphInstantiateWithFlags", "pll");
    private final Function graphLaunch = functions.required("cuGraphLaunch", "ll");
    private final Function graphDestroy = functions.required("cuGraphDestroy", "l");
    private final Function graphExecDestroy = functions.required("cuGraphExecDestroy", "l");
    private final Function moduleLoadData = functions.required("cuModuleLoadData", "pp");
    private final Function moduleUnload = functions.required("cuModuleUnload", "l");
    private final Function moduleGetFunction = functions.required("cuModuleGetFunction", "plp");
    private final Function funcGetAttribute = functions.required("cuFuncGetAttribute", "pil");
    private final Function funcSetAttribute = functions.required("cuFuncSetAttribute", "lii");
    private final Function maxActiveBlocks =
            functions.required("cuOccupancyMaxActiveBlocksPerMultiprocessor", "plil");
    private final Function maxPotentialBlock = functions.required("cuOccupancyMaxPotentialBlockSize", "pplpli");
    private final Function launchKernel = functions.required("cuLaunchKernel", LAUNCH_KINDS);
    private final RecentFunctions recent;

    /**
     * Initialises a driver that was found.
     *
     * @param library where
     * @throws CharlstmException if there is none, if it lacks a function, or if it does not start
     */
    public PanamaDriver(LibrarySearch.Found library) {
        this.library = library;
        super();
        Function init = functions.required("cuInit", "i");
        functions.requireAll("update the GPU driver");
        init.call(0);
        recent = new RecentFunctions(library, this::check);
    }

    private void check(String call, int status) {
        if (status != 0) {
            throw StatusTable.DRIVER.failure(call, status, name(status), cause.of(status));
        }
    }

    private String name(int status) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment text = arena.allocate(NativeFunctions.TEXT);
            boolean known = errorName.present() && (int) errorName.invoke(status, text) == 0;
            return known ? text.get(NativeFunctions.TEXT, 0).getString(0) : "";
        }
    }

    @Override
    public String place() {
        return library.place();
    }

    @Override
    public int version() {
        return driverGetVersion.intResult();
    }

    @Override
    public int deviceCount() {
        return deviceGetCount.intResult();
    }

    @Override
    public int device(int ordinal) {
        return deviceGet.intResult(ordinal);
    }

    @Override
    public String deviceName(int device) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = arena.allocate(NAME_LENGTH);
            deviceGetName.call(name, NAME_LENGTH, device);
            return name.getString(0);
        }
    }

    @Override
    public int attribute(int attribute, int device) {
        return deviceGetAttribute.intResult(attribute, device);
    }

    @Override
    public long totalMemory(int device) {
        return deviceTotalMem.longResult(device);
    }

    @Override
    public long retainContext(int device) {
        return primaryContextRetain.longResult(device);
    }

    @Override
    public void makeCurrent(long context) {
        contextSetCurrent.call(context);
    }

    @Override
    public void releaseContext(int device) {
        primaryContextRelease.call(device);
    }

    @Override
    public long allocate(long bytes) {
        return memAlloc.longResult(bytes);
    }

    @Override
    public long freeMemory() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment free = arena.allocate(JAVA_LONG);
            memGetInfo.call(free, arena.allocate(JAVA_LONG));
            return free.get(JAVA_LONG, 0);
        }
    }

    @Override
    public void free(long pointer) {
        memFree.call(pointer);
    }

    @Override
    public long allocateHost(long bytes) {
        return memHostAlloc.longResult(bytes, PORTABLE);
    }

    @Override
    public void freeHost(long address) {
        memFreeHost.call(address);
    }

    @Override
    public void copyToDevice(long to, MemorySegment from, long stream) {
        ExactCalls.lpll(memcpyHtoD, to, from, from.byteSize(), stream);
    }

    @Override
    public void copyToHost(MemorySegment to, long from, long stream) {
        ExactCalls.plll(memcpyDtoH, to, from, to.byteSize(), stream);
    }

    @Override
    public void copy(long to, long from, long bytes, long stream) {
        ExactCalls.llll(memcpyDtoD, to, from, bytes, stream);
    }

    @Override
    public void fill(long to, int value, long words, long stream) {
        ExactCalls.lill(memsetD32, to, value, words, stream);
    }

    @Override
    public void fillShorts(long to, short value, long count, long stream) {
        ExactCalls.lsll(memsetD16, to, value, count, stream);
    }

    @Override
    public void fillEach(long to, long pitch, int value, long rows, long stream) {
        ExactCalls.llilll(memsetD2D32, to, pitch, value, 1, rows, stream);
    }

    @Override
    public long createStream(int priority) {
        return streamCreate.longResult(NON_BLOCKING, priority);
    }

    @Override
    public PriorityRange priorities() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment least = arena.allocate(JAVA_INT);
            MemorySegment greatest = arena.allocate(JAVA_INT);
            contextGetPriorities.call(least, greatest);
            return new PriorityRange(least.get(JAVA_INT, 0), greatest.get(JAVA_INT, 0));
        }
    }

    @Override
    public boolean done(long stream) {
        return done(streamQuery, stream);
    }

    private static boolean done(Function query, long handle) {
        int status = query.status(handle);
        if (status != NOT_READY) {
            query.check(status);
        }
        return status != NOT_READY;
    }

    @Override
    public void destroyStream(long stream) {
        streamDestroy.call(stream);
    }

    @Override
    public void synchronize(long stream) {
        ExactCalls.l(streamSynchronize, stream);
    }

    @Override
    public long createEvent(int flags) {
        return eventCreate.longResult(flags);
    }

    @Override
    public void destroyEvent(long event) {
        eventDestroy.call(event);
    }

    @Override
    public void recordEvent(long event, long stream) {
        ExactCalls.ll(eventRecord, event, stream);
    }

    @Override
    public boolean passed(long event) {
        return done(eventQuery, event);
    }

    @Override
    public void awaitEvent(long event) {
        ExactCalls.l(eventSynchronize, event);
    }

    @Override
    public void waitFor(long stream, long event) {
        ExactCalls.lli(streamWaitEvent, stream, event, 0);
    }

    @Override
    public float elapsedTime(long start, long end) {
        return eventElapsedTime.floatResult(start, end);
    }

    @Override
    public void beginCapture(long stream) {
        streamBeginCapture.call(stream, CAPTURE_THREAD_LOCAL);
    }

    @Override
    public long endCapture(long stream) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment graph = arena.allocate(JAVA_LONG);
            streamEndCapture.call(stream, graph);
            return graph.get(JAVA_LONG, 0);
        }
    }

    @Override
    public long instantiate(long graph) {
        return graphInstantiate.longResult(graph, 0L);
    }

    @Override
    public void destroyGraph(long graph) {
        graphDestroy.call(graph);
    }

    @Override
    public void launchGraph(long executable, long stream) {
        ExactCalls.ll(graphLaunch, executable, stream);
    }

    @Override
    public boolean update(long executable, long graph) {
        return recent.update(executable, graph);
    }

    @Override
    public void destroyExecutable(long executable) {
        graphExecDestroy.call(executable);
    }

    @Override
    public long loadModule(MemorySegment image) {
        return moduleLoadData.longResult(image);
    }

    @Override
    public void unloadModule(long module) {
        moduleUnload.call(module);
    }

    @Override
    public long function(long module, String name) {
        try (Arena arena = Arena.ofConfined()) {
            return moduleGetFunction.longResult(module, arena.allocateFrom(name));
        }
    }

    @Override
    public int functionAttribute(int attribute, long function) {
        return funcGetAttribute.intResult(attribute, function);
    }

    @Override
    public void setFunctionAttribute(long function, int attribute, int value) {
        funcSetAttribute.call(function, attribute, value);
    }

    @Override
    public int @Nullable [] parameterSizes(long function) {
        return recent.parameterSizes(function);
    }

    @Override
    public int activeBlocks(long function, int threads, long sharedBytes) {
        return maxActiveBlocks.intResult(function, threads, sharedBytes);
    }

    @Override
    public Occupancy bestBlock(long function, long sharedBytes) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment blocks = arena.allocate(JAVA_INT);
            MemorySegment threads = arena.allocate(JAVA_INT);
            maxPotentialBlock.call(blocks, threads, function, MemorySegment.NULL, sharedBytes, 0);
            return new Occupancy(blocks.get(JAVA_INT, 0), threads.get(JAVA_INT, 0));
        }
    }

    @Override
    public void launch(long function, Grid grid, long stream, MemorySegment arguments) {
        if (grid.clusters()) {
            recent.launch(function, grid, stream, arguments);
        } else {
            try {
                launchKernel.check((int) LAUNCH.invokeExact(launchKernel.address(LAUNCH_KINDS), function,
                        grid.blocksX(), grid.blocksY(), grid.blocksZ(), grid.threadsX(), grid.threadsY(),
                        grid.threadsZ(), grid.sharedBytes(), stream, arguments, MemorySegment.NULL));
            } catch (Throwable thrown) {
                throw launchKernel.unexpected(thrown);
            }
        }
    }
}
