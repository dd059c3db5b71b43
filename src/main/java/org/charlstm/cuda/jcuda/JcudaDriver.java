package org.charlstm.cuda.jcuda;

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
import static jcuda.driver.JCudaDriver.cuEventRecord;
import static jcuda.driver.JCudaDriver.cuEventSynchronize;
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
import static jcuda.driver.JCudaDriver.cuMemGetInfo;
import static jcuda.driver.JCudaDriver.cuMemcpyDtoDAsync;
import static jcuda.driver.JCudaDriver.cuMemcpyDtoHAsync;
import static jcuda.driver.JCudaDriver.cuMemcpyHtoDAsync;
import static jcuda.driver.JCudaDriver.cuMemsetD32Async;
import static jcuda.driver.JCudaDriver.cuModuleGetFunction;
import static jcuda.driver.JCudaDriver.cuModuleLoadData;
import static jcuda.driver.JCudaDriver.cuModuleUnload;
import static jcuda.driver.JCudaDriver.cuStreamBeginCapture;
import static jcuda.driver.JCudaDriver.cuStreamCreateWithPriority;
import static jcuda.driver.JCudaDriver.cuStreamDestroy;
import static jcuda.driver.JCudaDriver.cuStreamEndCapture;
import static jcuda.driver.JCudaDriver.cuStreamSynchronize;
import static jcuda.driver.JCudaDriver.cuStreamWaitEvent;
import static jcuda.driver.JCudaDriver.setExceptionsEnabled;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.function.ToIntFunction;
import jcuda.NativePointerObject;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUevent;
import jcuda.driver.CUfunction;
import jcuda.driver.CUgraph;
import jcuda.driver.CUgraphExec;
import jcuda.driver.CUmodule;
import jcuda.driver.CUstream;
import org.charlstm.cuda.CudaDriver;
import org.charlstm.cuda.StatusTable;

/** CUDA's driver through JCuda. */
final class JcudaDriver implements CudaDriver {
    private final String place;

    JcudaDriver(String place) {
        this.place = place;
        // A program that shares the process may have asked for exceptions; here statuses are read.
        setExceptionsEnabled(false);
        check("cuInit", cuInit(0));
    }

    private static void check(String call, int status) {
        if (status != 0) {
            String[] name = new String[1];
            boolean known = cuGetErrorName(status, name) == 0 && name[0] != null;
            throw StatusTable.DRIVER.failure(call, status, known ? name[0] : "", "");
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
    public void copyToDevice(long to, MemorySegment from, long stream) {
        check("cuMemcpyHtoDAsync",
                cuMemcpyHtoDAsync(memory(to), Address.pointer(from), from.byteSize(), stream(stream)));
    }

    @Override
    public void copyToHost(MemorySegment to, long from, long stream) {
        check("cuMemcpyDtoHAsync", cuMemcpyDtoHAsync(Address.pointer(to), memory(from), to.byteSize(), stream(stream)));
    }

    @Override
    public void copy(long to, long from, long bytes, long stream) {
        check("cuMemcpyDtoDAsync", cuMemcpyDtoDAsync(memory(to), memory(from), bytes, stream(stream)));
    }

    @Override
    public void fill(long to, int value, long words, long stream) {
        check("cuMemsetD32Async", cuMemsetD32Async(memory(to), value, words, stream(stream)));
    }

    @Override
    public long createStream(int priority) {
        return made("cuStreamCreateWithPriority", new CUstream(),
                stream -> cuStreamCreateWithPriority(stream, NON_BLOCKING, priority));
    }

    @Override
    public void destroyStream(long stream) {
        check("cuStreamDestroy", cuStreamDestroy(stream(stream)));
    }

    @Override
    public void synchronize(long stream) {
        check("cuStreamSynchronize", cuStreamSynchronize(stream(stream)));
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
        check("cuEventRecord", cuEventRecord(event(event), stream(stream)));
    }

    @Override
    public void awaitEvent(long event) {
        check("cuEventSynchronize", cuEventSynchronize(event(event)));
    }

    @Override
    public void waitFor(long stream, long event) {
        check("cuStreamWaitEvent", cuStreamWaitEvent(stream(stream), event(event), 0));
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
        check("cuGraphLaunch", cuGraphLaunch(Address.in(new CUgraphExec(), executable), stream(stream)));
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
    public void allowShared(long function, int bytes) {
        check("cuFuncSetAttribute",
                cuFuncSetAttribute(Address.in(new CUfunction(), function), MAX_DYNAMIC_SHARED, bytes));
    }

    @Override
    public void launch(long function, Grid grid, long stream, MemorySegment arguments) {
        check("cuLaunchKernel",
                cuLaunchKernel(Address.in(new CUfunction(), function), grid.blocks(), 1, 1, grid.threadsX(),
                        grid.threadsY(),
                        1, grid.sharedBytes(), stream(stream), Address.pointer(arguments), null));
    }
}
