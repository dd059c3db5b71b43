package org.charlstm.device.cuda.panama;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.charlstm.CharlstmException;
import org.charlstm.device.cuda.binding.CudaDriver;
import org.charlstm.device.cuda.binding.LibraryFinder;
import org.charlstm.device.cuda.panama.NativeFunctions.Function;

/** CUDA's driver through java.lang.foreign. Where a symbol has several versions, the oldest that does the job. */
public final class PanamaDriver implements CudaDriver {
    private static final int NON_BLOCKING = 1;
    private static final int CAPTURE_THREAD_LOCAL = 1;
    private static final int NAME_LENGTH = 256;

    private final String place;
    private final Function driverGetVersion;
    private final Function deviceGetCount;
    private final Function deviceGetName;
    private final Function deviceGetAttribute;
    private final Function deviceTotalMem;
    private final Function primaryContextRetain;
    private final Function primaryContextRelease;
    private final Function contextSetCurrent;
    private final Function memAlloc;
    private final Function memFree;
    private final Function memcpyHtoD;
    private final Function memcpyDtoH;
    private final Function memsetD32;
    private final Function streamCreate;
    private final Function streamDestroy;
    private final Function streamSynchronize;
    private final Function streamBeginCapture;
    private final Function streamEndCapture;
    private final Function graphInstantiate;
    private final Function graphLaunch;
    private final Function graphDestroy;
    private final Function graphExecDestroy;
    private final Function moduleLoadData;
    private final Function moduleUnload;
    private final Function moduleGetFunction;
    private final Function launchKernel;

    /**
     * Finds and initialises the driver.
     *
     * @throws CharlstmException if there is none, if it lacks a function, or if it does not start
     */
    public PanamaDriver() {
        LibraryFinder.Found found = LibraryFinder.find(List.of("libcuda.so.1"), "CHARLSTM_LIBCUDA");
        if (found.symbols() == null) {
            throw new CharlstmException(found.reason());
        }
        place = found.place();
        NativeFunctions functions = new NativeFunctions(found.symbols());
        Function init = functions.bind("cuInit", "i");
        driverGetVersion = functions.bind("cuDriverGetVersion", "p");
        deviceGetCount = functions.bind("cuDeviceGetCount", "p");
        deviceGetName = functions.bind("cuDeviceGetName", "pii");
        deviceGetAttribute = functions.bind("cuDeviceGetAttribute", "pii");
        deviceTotalMem = functions.bind("cuDeviceTotalMem_v2", "pi");
        primaryContextRetain = functions.bind("cuDevicePrimaryCtxRetain", "pi");
        primaryContextRelease = functions.bind("cuDevicePrimaryCtxRelease_v2", "i");
        contextSetCurrent = functions.bind("cuCtxSetCurrent", "l");
        memAlloc = functions.bind("cuMemAlloc_v2", "pl");
        memFree = functions.bind("cuMemFree_v2", "l");
        memcpyHtoD = functions.bind("cuMemcpyHtoDAsync_v2", "lpll");
        memcpyDtoH = functions.bind("cuMemcpyDtoHAsync_v2", "plll");
        memsetD32 = functions.bind("cuMemsetD32Async", "lill");
        streamCreate = functions.bind("cuStreamCreate", "pi");
        streamDestroy = functions.bind("cuStreamDestroy_v2", "l");
        streamSynchronize = functions.bind("cuStreamSynchronize", "l");
        streamBeginCapture = functions.bind("cuStreamBeginCapture_v2", "li");
        streamEndCapture = functions.bind("cuStreamEndCapture", "lp");
        graphInstantiate = functions.bind("cuGraphInstantiateWithFlags", "pll");
        graphLaunch = functions.bind("cuGraphLaunch", "ll");
        graphDestroy = functions.bind("cuGraphDestroy", "l");
        graphExecDestroy = functions.bind("cuGraphExecDestroy", "l");
        moduleLoadData = functions.bind("cuModuleLoadData", "pp");
        moduleUnload = functions.bind("cuModuleUnload", "l");
        moduleGetFunction = functions.bind("cuModuleGetFunction", "plp");
        launchKernel = functions.bind("cuLaunchKernel", "liiiiiiilpp");
        if (!functions.missing().isEmpty()) {
            throw new CharlstmException(place + " lacks " + String.join(", ", functions.missing())
                    + "; update the GPU driver");
        }
        init.call(0);
    }

    /**
     * Where the driver was found.
     *
     * @return a path, or the name that the loader took
     */
    public String place() {
        return place;
    }

    private static int intOf(Function function, Object... more) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment result = arena.allocate(JAVA_INT);
            function.call(with(result, more));
            return result.get(JAVA_INT, 0);
        }
    }

    private static long longOf(Function function, Object... more) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment result = arena.allocate(JAVA_LONG);
            function.call(with(result, more));
            return result.get(JAVA_LONG, 0);
        }
    }

    private static Object[] with(MemorySegment first, Object... more) {
        Object[] arguments = new Object[more.length + 1];
        arguments[0] = first;
        System.arraycopy(more, 0, arguments, 1, more.length);
        return arguments;
    }

    @Override
    public int version() {
        return intOf(driverGetVersion);
    }

    @Override
    public int deviceCount() {
        return intOf(deviceGetCount);
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
        return intOf(deviceGetAttribute, attribute, device);
    }

    @Override
    public long totalMemory(int device) {
        return longOf(deviceTotalMem, device);
    }

    @Override
    public void retainContext(int device) {
        contextSetCurrent.call(longOf(primaryContextRetain, device));
    }

    @Override
    public void releaseContext(int device) {
        primaryContextRelease.call(device);
    }

    @Override
    public long allocate(long bytes) {
        return longOf(memAlloc, bytes);
    }

    @Override
    public void free(long pointer) {
        memFree.call(pointer);
    }

    @Override
    public void copyToDevice(long to, MemorySegment from, long stream) {
        memcpyHtoD.call(to, from, from.byteSize(), stream);
    }

    @Override
    public void copyToHost(MemorySegment to, long from, long stream) {
        memcpyDtoH.call(to, from, to.byteSize(), stream);
    }

    @Override
    public void fill(long to, int value, long words, long stream) {
        memsetD32.call(to, value, words, stream);
    }

    @Override
    public long createStream() {
        return longOf(streamCreate, NON_BLOCKING);
    }

    @Override
    public void destroyStream(long stream) {
        streamDestroy.call(stream);
    }

    @Override
    public void synchronize(long stream) {
        streamSynchronize.call(stream);
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
            try {
                return longOf(graphInstantiate, graph.get(JAVA_LONG, 0), 0L);
            } finally {
                graphDestroy.call(graph.get(JAVA_LONG, 0));
            }
        }
    }

    @Override
    public void launchGraph(long graph, long stream) {
        graphLaunch.call(graph, stream);
    }

    @Override
    public void destroyGraph(long graph) {
        graphExecDestroy.call(graph);
    }

    @Override
    public long loadModule(MemorySegment image) {
        return longOf(moduleLoadData, image);
    }

    @Override
    public void unloadModule(long module) {
        moduleUnload.call(module);
    }

    @Override
    public long function(long module, String name) {
        try (Arena arena = Arena.ofConfined()) {
            return longOf(moduleGetFunction, module, arena.allocateFrom(name));
        }
    }

    @Override
    public void launch(long function, int blocks, int threadsX, int threadsY, long stream, MemorySegment arguments) {
        launchKernel.call(function, blocks, 1, 1, threadsX, threadsY, 1, 0, stream, arguments, MemorySegment.NULL);
    }
}
