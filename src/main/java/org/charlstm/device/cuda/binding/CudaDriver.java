package org.charlstm.device.cuda.binding;

import java.lang.foreign.MemorySegment;

/**
 * The calls of CUDA's driver that are used, one method each. Handles and device pointers are longs, host memory is a
 * segment outside the heap. Every method throws {@link CudaException} when the driver reports a status other than 0.
 */
public interface CudaDriver {
    /** Attribute: the major part of the compute capability. */
    int COMPUTE_CAPABILITY_MAJOR = 75;
    /** Attribute: the minor part of the compute capability. */
    int COMPUTE_CAPABILITY_MINOR = 76;

    /**
     * cuDriverGetVersion.
     *
     * @return 1000 x major + 10 x minor, of the CUDA that the driver supports
     */
    int version();

    /**
     * cuDeviceGetCount.
     *
     * @return how many devices there are
     */
    int deviceCount();

    /**
     * cuDeviceGetName.
     *
     * @param device from 0
     * @return its name
     */
    String deviceName(int device);

    /**
     * cuDeviceGetAttribute.
     *
     * @param attribute its number
     * @param device    from 0
     * @return its value
     */
    int attribute(int attribute, int device);

    /**
     * cuDeviceTotalMem.
     *
     * @param device from 0
     * @return bytes
     */
    long totalMemory(int device);

    /**
     * cuDevicePrimaryCtxRetain and cuCtxSetCurrent: the device is this thread's from now on.
     *
     * @param device from 0
     */
    void retainContext(int device);

    /**
     * cuDevicePrimaryCtxRelease.
     *
     * @param device from 0
     */
    void releaseContext(int device);

    /**
     * cuMemAlloc.
     *
     * @param bytes at least 1
     * @return a device pointer
     */
    long allocate(long bytes);

    /**
     * cuMemFree.
     *
     * @param pointer from {@link #allocate}
     */
    void free(long pointer);

    /**
     * cuMemcpyHtoDAsync.
     *
     * @param to     a device pointer
     * @param from   host memory; untouched until the stream is synchronised
     * @param stream a stream
     */
    void copyToDevice(long to, MemorySegment from, long stream);

    /**
     * cuMemcpyDtoHAsync.
     *
     * @param to     host memory; holds the values once the stream is synchronised
     * @param from   a device pointer
     * @param stream a stream
     */
    void copyToHost(MemorySegment to, long from, long stream);

    /**
     * cuMemsetD32Async.
     *
     * @param to     a device pointer
     * @param value  a word
     * @param words  how many
     * @param stream a stream
     */
    void fill(long to, int value, long words, long stream);

    /**
     * cuStreamCreate, not synchronising with the default stream.
     *
     * @return a stream
     */
    long createStream();

    /**
     * cuStreamDestroy.
     *
     * @param stream a stream
     */
    void destroyStream(long stream);

    /**
     * cuStreamSynchronize.
     *
     * @param stream a stream
     */
    void synchronize(long stream);

    /**
     * cuStreamBeginCapture, for this thread alone.
     *
     * @param stream a stream
     */
    void beginCapture(long stream);

    /**
     * cuStreamEndCapture and cuGraphInstantiateWithFlags; the graph between them is destroyed.
     *
     * @param stream a stream
     * @return an executable graph
     */
    long endCapture(long stream);

    /**
     * cuGraphLaunch.
     *
     * @param graph  an executable graph
     * @param stream a stream
     */
    void launchGraph(long graph, long stream);

    /**
     * cuGraphExecDestroy.
     *
     * @param graph an executable graph
     */
    void destroyGraph(long graph);

    /**
     * cuModuleLoadData.
     *
     * @param image a CUBIN or fat binary
     * @return a module
     */
    long loadModule(MemorySegment image);

    /**
     * cuModuleUnload.
     *
     * @param module a module
     */
    void unloadModule(long module);

    /**
     * cuModuleGetFunction.
     *
     * @param module a module
     * @param name   a kernel's name
     * @return a function
     */
    long function(long module, String name);

    /**
     * cuLaunchKernel with a grid of one dimension and no dynamic shared memory.
     *
     * @param function  a kernel
     * @param blocks    blocks of the grid
     * @param threadsX  threads of a block, fastest
     * @param threadsY  threads of a block, slowest
     * @param stream    a stream
     * @param arguments host memory: a pointer to each argument
     */
    void launch(long function, int blocks, int threadsX, int threadsY, long stream, MemorySegment arguments);
}
