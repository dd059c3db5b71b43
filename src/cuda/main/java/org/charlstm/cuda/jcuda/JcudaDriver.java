package org.charlstm.cuda.jcuda;

import static jcuda.driver.JCudaDriver.cuCtxGetStreamPriorityRange;
import static jcuda.driver.JCudaDriver.cuCtxSetCurrent;
import static jcuda.driver.JCudaDriver.cuDeviceGet;
import static jcuda.driver.JCudaDriver.cuDeviceGetAttribute;
import static jcuda.driver.JCudaDriver.cuDeviceGetCount;
import static jcuda.driver.JCudaDriver.cuDeviceGetName;
import static jcuda.driver.JCudaDriver.cuDevicePrimaryCtxRelease;
import static jcuda.driver.JCudaDriver.cuDevicePrimaryCtxRetain;
import static jcuda.driver.JCudaDriver.cuDeviceTotalMem;
import static jcuda.driver.JCudaDriver.cuDriverGetVersion;
import static jcuda.driver.JCudaDriver.cuEventCreate;
import static jcuda.driver.JCudaDriver.cuEventDestroy;
import static jcuda.driver.JCudaDriver.cuEventElapsedTime;
import static jcuda.driver.JCudaDriver.cuEventQuery;
import static jcuda.driver.JCudaDriver.cuEventRecord;
import static jcuda.driver.JCudaDriver.cuEventSynchronize;
import static jcuda.driver.JCudaDriver.cuFuncGetAttribute;
import static jcuda.driver.JCudaDriver.cuFuncSetAttribute;
import static jcuda.driver.JCudaDriver.cuGetErrorName;
import static jcuda.driver.JCudaDriver.cuGraphDestroy;
import static jcuda.driver.JCudaDriver.cuGraphExecDestroy;
import static jcuda.driver.JCudaDriver.cuGraphInstantiate;
import static jcuda.driver.JCudaDriver.cuGraphLaunch;
import static jcuda.driver.JCudaDriver.cuInit;
import static jcuda.driver.JCudaDriver.cuLaunchKernel;
import static jcuda.driver.JCudaDriver.cuMemAlloc;
import static jcuda.driver.JCudaDriver.cuMemFree;
import static jcuda.driver.JCudaDriver.cuMemFreeHost;
import static jcuda.driver.JCudaDriver.cuMemGetInfo;
import static jcuda.driver.JCudaDriver.cuMemHostAlloc;
import static jcuda.driver.JCudaDriver.cuMemcpyDtoDAsync;
import static jcuda.driver.JCudaDriver.cuMemcpyDtoHAsync;
import static jcuda.driver.JCudaDriver.cuMemcpyHtoDAsync;
import static jcuda.driver.JCudaDriver.cuMemsetD16Async;
import static jcuda.driver.JCudaDriver.cuMemsetD2D32Async;
import static jcuda.driver.JCudaDriver.cuMemsetD32Async;
import static jcuda.driver.JCudaDriver.cuModuleGetFunction;
import static jcuda.driver.JCudaDriver.cuModuleLoadData;
import static jcuda.driver.JCudaDriver.cuModuleUnload;
import static jcuda.driver.JCudaDriver.cuOccupancyMaxActiveBlocksPerMultiprocessor;
import static jcuda.driver.JCudaDriver.cuOccupancyMaxPotentialBlockSize;
import static jcuda.driver.JCudaDriver.cuStreamBeginCapture;
import static jcuda.driver.JCudaDriver.cuStreamCreateWithPriority;
import static jcuda.driver.JCudaDriver.cuStreamDestroy;
import static jcuda.driver.JCudaDriver.cuStreamEndCapture;
import static jcuda.driver.JCudaDriver.cuStreamQuery;
import static jcuda.driver.JCudaDriver.cuStreamSynchronize;
import static jcuda.driver.JCudaDriver.cuStreamWaitEvent;
import static jcuda.driver.JCudaDriver.setExceptionsEnabled;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.ref.Reference;
import java.nio.charset.StandardCharsets;
import java.util.function.ToIntFunction;
import jcuda.NativePointerObject;
import jcuda.Pointer;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUevent;
import jcuda.driver.CUfunction;
import jcuda.driver.CUgraph;
import jcuda.driver.CUgraphExec;
import jcuda.driver.CUmodule;
import jcuda.driver.CUstream;
import org.charlstm.cuda.Grid;
import org.charlstm.cuda.binding.CudaDriver;
import org.charlstm.cuda.binding.LibrarySearch;
import org.charlstm.cuda.binding.StatusTable;
import org.charlstm.cuda.panama.DriverCause;
import org.charlstm.cuda.panama.RecentFunctions;
import org.jspecify.annotations.Nullable;

/** CUDA's driver through JCuda. */
final class JcudaDriver implements CudaDriver {
    /** A process has one driver; null until it is opened. */
    private static volatile @Nullable DriverCause cause;

    private final String place;
    private final RecentFunctions recent;

    JcudaDriver(LibrarySearch.Found library) {
        place = library.place();
        explainBy(new DriverCause(library));
        recent = new RecentFunctions(library, JcudaDriver::check);
        // A program that shares the process may have asked for exceptions; here statuses are read.
        setExceptionsEnabled(false);
        check("cuInit", cuInit(0));
    }

    private static void explainBy(DriverCause found) {
        cause = found;
    }

    private static void check(String call, int status) {
        if (status != 0) {
            String[] name = new String[1];
            boolean known = cuGetErrorName(status, name) == 0 && name[0] != null;
            throw StatusTable.DRIVER.failure(call, status, known ? name[0] : "",
                    cause == null ? "" : cause.of(status));
        }
    }

    /** The address that a call puts into an object. */
    private static <T extends NativePointerObject> long made(String call, T object, ToIntFunction<T> create) {
        check(call, create.applyAsInt(object));
        return Address.of(object);
    }

    private static CUdevice device(long handle) {
        return Address.in(new CUdevice(), handle);
    }

    private static CUdeviceptr memory(long pointer) {
        return Address.in(new CUdeviceptr(), pointer);
    }

    private static CUstream stream(long handle) {
        return Address.in(new CUstream(), handle);
    }

    private static CUevent event(long handle) {
        return Address.in(new CUevent(), handle);
    }

    @Override
    public String place() {
        return place;
    }

    @Override
    public int version() {
        int[] version = new int[1];
        check("cuDriverGetVersion", cuDriverGetVersion(version));
        return version[0];
    }

    @Override
    public int deviceCount() {
        int[] count = new int[1];
        check("cuDeviceGetCount", cuDeviceGetCount(count));
        return count[0];
    }

    @Override
    public int device(int ordinal) {
        return (int) made("cuDeviceGet", new CUdevice(), device -> cuDeviceGet(device, ordinal));
    }

    @Override
    public String deviceName(int device) {
        byte[] name = new byte[NAME_LENGTH];
        check("cuDeviceGetName", cuDeviceGetName(name, NAME_LENGTH, device((long) device)));
        return MemorySegment.ofArray(name).getString(0, StandardCharsets.UTF_8);
    }

    @Override
    public int attribute(int attribute, int device) {
        int[] value = new int[1];
        check("cuDeviceGetAttribute", cuDeviceGetAttribute(value, attribute, device((long) device)));
        return value[0];
    }

    @Override
    public long totalMemory(int device) {
        long[] bytes = new long[1];
        check("cuDeviceTotalMem", cuDeviceTotalMem(bytes, device((long) device)));
        return bytes[0];
    }

    @Override
    public long retainContext(int device) {
        return made("cuDevicePrimaryCtxRetain", new CUcontext(),
                context -> cuDevicePrimaryCtxRetain(context, device((long) device)));
    }

    @Override
    public void makeCurrent(long context) {
        check("cuCtxSetCurrent", cuCtxSetCurrent(Address.in(new CUcontext(), context)));
    }

    @Override
    public void releaseContext(int device) {
        check("cuDevicePrimaryCtxRelease", cuDevicePrimaryCtxRelease(device((long) device)));
    }

    @Override
    public long allocate(long bytes) {
        return made("cuMemAlloc", new CUdeviceptr(), pointer -> cuMemAlloc(pointer, bytes));
    }

    @Override
    public long freeMemory() {
        long[] free = new long[1];
        check("cuMemGetInfo", cuMemGetInfo(free, new long[1]));
        return free[0];
    }

    @Override
    public void free(long pointer) {
        check("cuMemFree", cuMemFree(memory(pointer)));
    }

    @Override
    public long allocateHost(long bytes) {
        return made("cuMemHostAlloc", new Pointer(), pointer -> cuMemHostAlloc(pointer, bytes, PORTABLE));
    }

    @Override
    public void freeHost(long address) {
        check("cuMemFreeHost", cuMemFreeHost(Address.pointer(address)));
    }

    @Override
    public void copyToDevice(long to, MemorySegment from, long stream) {
        DriverArguments with = DriverArguments.ofThread();
        try {
            check("cuMemcpyHtoDAsync",
                    cuMemcpyHtoDAsync(with.to(to), with.host(from), from.byteSize(), with.stream(stream)));
        } finally {
            Reference.reachabilityFence(from);
        }
    }

    @Override
    public void copyToHost(MemorySegment to, long from, long stream) {
        DriverArguments with = DriverArguments.ofThread();
        try {
            check("cuMemcpyDtoHAsync",
                    cuMemcpyDtoHAsync(with.host(to), with.from(from), to.byteSize(), with.stream(stream)));
        } finally {
            Reference.reachabilityFence(to);
        }
    }

    @Override
    public void copy(long to, long from, long bytes, long stream) {
        DriverArguments with = DriverArguments.ofThread();
        check("cuMemcpyDtoDAsync", cuMemcpyDtoDAsync(with.to(to), with.from(from), bytes, with.stream(stream)));
    }

    @Override
    public void fill(long to, int value, long words, long stream) {
        DriverArguments with = DriverArguments.ofThread();
        check("cuMemsetD32Async", cuMemsetD32Async(with.to(to), value, words, with.stream(stream)));
    }

    @Override
    public void fillShorts(long to, short value, long count, long stream) {
        DriverArguments with = DriverArguments.ofThread();
        check("cuMemsetD16Async", cuMemsetD16Async(with.to(to), value, count, with.stream(stream)));
    }

    @Override
    public void fillEach(long to, long pitch, int value, long rows, long stream) {
        DriverArguments with = DriverArguments.ofThread();
        check("cuMemsetD2D32Async", cuMemsetD2D32Async(with.to(to), pitch, value, 1, rows, with.stream(stream)));
    }

    @Override
    public long createStream(int priority) {
        return made("cuStreamCreateWithPriority", new CUstream(),
                stream -> cuStreamCreateWithPriority(stream, NON_BLOCKING, priority));
    }

    @Override
    public PriorityRange priorities() {
        int[] least = new int[1];
        int[] greatest = new int[1];
        check("cuCtxGetStreamPriorityRange", cuCtxGetStreamPriorityRange(least, greatest));
        return new PriorityRange(least[0], greatest[0]);
    }

    @Override
    public boolean done(long stream) {
        return done("cuStreamQuery", cuStreamQuery(stream(stream)));
    }

    private static boolean done(String query, int status) {
        if (status != NOT_READY) {
            check(query, status);
        }
        return status != NOT_READY;
    }

    @Override
    public void destroyStream(long stream) {
        check("cuStreamDestroy", cuStreamDestroy(stream(stream)));
    }

    @Override
    public void synchronize(long stream) {
        check("cuStreamSynchronize", cuStreamSynchronize(DriverArguments.ofThread().stream(stream)));
    }

    @Override
    public long createEvent(int flags) {
        return made("cuEventCreate", new CUevent(), event -> cuEventCreate(event, flags));
    }

    @Override
    public void destroyEvent(long event) {
        check("cuEventDestroy", cuEventDestroy(event(event)));
    }

    @Override
    public void recordEvent(long event, long stream) {
        DriverArguments with = DriverArguments.ofThread();
        check("cuEventRecord", cuEventRecord(with.event(event), with.stream(stream)));
    }

    @Override
    public boolean passed(long event) {
        return done("cuEventQuery", cuEventQuery(event(event)));
    }

    @Override
    public void awaitEvent(long event) {
        check("cuEventSynchronize", cuEventSynchronize(DriverArguments.ofThread().event(event)));
    }

    @Override
    public void waitFor(long stream, long event) {
        DriverArguments with = DriverArguments.ofThread();
        check("cuStreamWaitEvent", cuStreamWaitEvent(with.stream(stream), with.event(event), 0));
    }

    @Override
    public float elapsedTime(long start, long end) {
        float[] milliseconds = new float[1];
        check("cuEventElapsedTime", cuEventElapsedTime(milliseconds, event(start), event(end)));
        return milliseconds[0];
    }

    @Override
    public void beginCapture(long stream) {
        check("cuStreamBeginCapture", cuStreamBeginCapture(stream(stream), CAPTURE_THREAD_LOCAL));
    }

    @Override
    public long endCapture(long stream) {
        return made("cuStreamEndCapture", new CUgraph(), graph -> cuStreamEndCapture(stream(stream), graph));
    }

    @Override
    public long instantiate(long graph) {
        return made("cuGraphInstantiate", new CUgraphExec(),
                executable -> cuGraphInstantiate(executable, Address.in(new CUgraph(), graph), 0));
    }

    @Override
    public void destroyGraph(long graph) {
        check("cuGraphDestroy", cuGraphDestroy(Address.in(new CUgraph(), graph)));
    }

    @Override
    public void launchGraph(long executable, long stream) {
        DriverArguments with = DriverArguments.ofThread();
        check("cuGraphLaunch", cuGraphLaunch(with.executable(executable), with.stream(stream)));
    }

    @Override
    public boolean update(long executable, long graph) {
        return recent.update(executable, graph);
    }

    @Override
    public void destroyExecutable(long executable) {
        check("cuGraphExecDestroy", cuGraphExecDestroy(Address.in(new CUgraphExec(), executable)));
    }

    @Override
    public long loadModule(MemorySegment image) {
        byte[] bytes = image.toArray(ValueLayout.JAVA_BYTE);
        return made("cuModuleLoadData", new CUmodule(), module -> cuModuleLoadData(module, bytes));
    }

    @Override
    public void unloadModule(long module) {
        check("cuModuleUnload", cuModuleUnload(Address.in(new CUmodule(), module)));
    }

    @Override
    public long function(long module, String name) {
        return made("cuModuleGetFunction", new CUfunction(),
                function -> cuModuleGetFunction(function, Address.in(new CUmodule(), module), name));
    }

    @Override
    public int functionAttribute(int attribute, long function) {
        int[] value = new int[1];
        check("cuFuncGetAttribute", cuFuncGetAttribute(value, attribute, function(function)));
        return value[0];
    }

    private static CUfunction function(long handle) {
        return Address.in(new CUfunction(), handle);
    }

    @Override
    public void setFunctionAttribute(long function, int attribute, int value) {
        check("cuFuncSetAttribute", cuFuncSetAttribute(function(function), attribute, value));
    }

    @Override
    public int @Nullable [] parameterSizes(long function) {
        return recent.parameterSizes(function);
    }

    @Override
    public int activeBlocks(long function, int threads, long sharedBytes) {
        int[] blocks = new int[1];
        check("cuOccupancyMaxActiveBlocksPerMultiprocessor",
                cuOccupancyMaxActiveBlocksPerMultiprocessor(blocks, function(function), threads, sharedBytes));
        return blocks[0];
    }

    @Override
    public Occupancy bestBlock(long function, long sharedBytes) {
        int[] blocks = new int[1];
        int[] threads = new int[1];
        check("cuOccupancyMaxPotentialBlockSize",
                cuOccupancyMaxPotentialBlockSize(blocks, threads, function(function), null, sharedBytes, 0));
        return new Occupancy(blocks[0], threads[0]);
    }

    @Override
    public void launch(long function, Grid grid, long stream, MemorySegment arguments) {
        if (grid.clusters()) {
            recent.launch(function, grid, stream, arguments);
            return;
        }
        DriverArguments with = DriverArguments.ofThread();
        try {
            check("cuLaunchKernel",
                    cuLaunchKernel(with.function(function), grid.blocksX(), grid.blocksY(), grid.blocksZ(),
                            grid.threadsX(),
                            grid.threadsY(), grid.threadsZ(), grid.sharedBytes(), with.stream(stream),
                            with.host(arguments),
                            null));
        } finally {
            Reference.reachabilityFence(arguments);
        }
    }
}
