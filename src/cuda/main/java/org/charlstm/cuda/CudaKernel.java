package org.charlstm.cuda;

import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.charlstm.CharlstmException;
import org.charlstm.cuda.binding.CudaDriver;
import org.jspecify.annotations.Nullable;

/** A kernel, ready to be launched until its module is closed. */
public final class CudaKernel {
    private static final int MAX_THREADS = 0;
    private static final int SHARED = 1;
    private static final int LOCAL = 3;
    private static final int REGISTERS = 4;
    private static final int CLUSTER_MUST_BE_SET = 10;
    private static final int LARGER_CLUSTERS_ALLOWED = 14;
    private static final int FIRST_WITH_CLUSTERS = 90;

    private final CudaModule module;
    private final KernelSignature signature;
    private final long function;
    private final KernelLaunch once;
    private int sharedAllowed;
    /** The last cooperative grid that was found to be resident at once; null before the first. */
    private @Nullable Grid fittingGrid;

    CudaKernel(CudaModule module, KernelSignature signature, long function) {
        this.module = module;
        this.signature = signature;
        this.function = function;
        once = new KernelLaunch(this, Grid.of(1, 1));
    }

    /** The kernel's name and parameters. */
    public KernelSignature signature() {
        return signature;
    }

    Cuda cuda() {
        return module.cuda();
    }

    /**
     * Enqueues a launch on the current stream.
     *
     * @param grid      the grid; more than 48 KiB of dynamic shared memory are allowed automatically
     * @param arguments one for each parameter: a {@link CudaBuffer}, or a device address as a {@code Long}, for a
     *                  pointer; {@code Integer}, {@code Long}, {@code Float}, {@code Double}, {@code Byte},
     *                  {@code Short} or {@code Boolean}; a {@code Float} for bf16 and half; a {@link CudaTexture}; a
     *                  {@code MemorySegment} of its bytes for a structure. {@link KernelSignature.Kind} says what each
     *                  kind takes
     * @throws IllegalArgumentException if an argument does not fit its parameter, or belongs to another GPU
     * @throws IllegalStateException    if a buffer or the module is closed
     */
    public void launch(Grid grid, Object... arguments) {
        // This refuses another thread before the thread can spoil the laid-out arguments.
        module.driver();
        once.grid(grid);
        once.set(arguments);
        once.launch();
    }

    /**
     * Prepares a launch that runs many times, with arguments set one by one; launching allocates nothing.
     *
     * @param arguments as {@link #launch} takes them; if none are given, each is set before the first launch
     */
    public KernelLaunch prepare(Grid grid, Object... arguments) {
        module.driver();
        KernelLaunch launch = new KernelLaunch(this, grid);
        return Objects.requireNonNull(arguments, "the array of arguments is null").length == 0 ? launch
                : launch.set(arguments);
    }

    /** Registers per thread. */
    public int registers() {
        return attribute(REGISTERS);
    }

    /** The most threads of a block, limited by the kernel's registers. */
    public int maxThreads() {
        return attribute(MAX_THREADS);
    }

    /** Bytes of static shared memory per block; a launch may add dynamic shared memory. */
    public int sharedBytes() {
        return attribute(SHARED);
    }

    /** Bytes of local memory per thread, for example for spilled registers. */
    public int localBytes() {
        return attribute(LOCAL);
    }

    private int attribute(int attribute) {
        return module.driver().cuFuncGetAttribute(attribute, function);
    }

    /**
     * How many blocks are resident on a multiprocessor at once, given the threads and bytes of dynamic shared memory
     * per block; 0 if a block does not fit.
     *
     * @throws IllegalArgumentException if the threads are fewer than 1, or the bytes fewer than 0
     */
    public int blocksPerMultiprocessor(int threads, int sharedBytes) {
        requireSizes(threads, sharedBytes);
        return module.driver().cuOccupancyMaxActiveBlocksPerMultiprocessor(function, threads, sharedBytes);
    }

    /**
     * How many blocks are resident on the GPU at once: the most of a {@linkplain Grid#cooperative cooperative} launch.
     *
     * @throws IllegalArgumentException as {@link #blocksPerMultiprocessor} does, or if a block cannot have that much
     *                                  shared memory
     */
    public int blocksAtOnce(int threads, int sharedBytes) {
        requireSizes(threads, sharedBytes);
        allow(module.driver(), sharedBytes);
        return blocksPerMultiprocessor(threads, sharedBytes) * cuda().properties().multiprocessors();
    }

    /**
     * How many clusters of a launch are resident on the GPU at once.
     *
     * @throws IllegalArgumentException if neither the grid nor the kernel has clusters
     * @throws CharlstmException        if the GPU has no clusters
     */
    public int clustersAtOnce(Grid grid) {
        CudaDriver driver = requireClusters(Objects.requireNonNull(grid, "the grid is null"));
        if (!grid.clusters() && driver.cuFuncGetAttribute(CLUSTER_MUST_BE_SET, function) == 0) {
            throw new IllegalArgumentException("clusters of " + signature.name() + " in a grid that asks for none; "
                    + "give grid.cluster(2, 1, 1) or another size");
        }
        return driver.clustersAtOnce(function, grid);
    }

    /**
     * The most blocks that a cluster of a launch can have; the grid's own cluster size is ignored.
     *
     * @throws CharlstmException if the GPU has no clusters
     */
    public int mostBlocksOfCluster(Grid grid) {
        return requireClusters(Objects.requireNonNull(grid, "the grid is null")).mostBlocksOfCluster(function,
                grid.cluster(1, 1, 1));
    }

    /**
     * Allows clusters of more than 8 blocks (CUDA: a non-portable cluster size). Every GPU with clusters runs 8; an
     * H100 runs 16. {@link #clustersAtOnce} tells whether this GPU has room for one.
     *
     * @throws CharlstmException if the GPU has no clusters
     */
    public void allowLargerClusters() {
        requireClusters(Grid.of(1, 1)).cuFuncSetAttribute(function, LARGER_CLUSTERS_ALLOWED, 1);
    }

    private CudaDriver requireClusters(Grid grid) {
        CudaDriver driver = module.driver();
        int capability = cuda().properties().capability();
        if (capability < FIRST_WITH_CLUSTERS) {
            throw new CharlstmException("clusters need compute capability 9.0, and GPU " + cuda().number() + " has "
                    + CudaProperties.capabilityText(capability));
        }
        allow(driver, grid.sharedBytes());
        return driver;
    }

    private static void requireSizes(int threads, int sharedBytes) {
        if (threads < 1) {
            throw new IllegalArgumentException("blocks of " + threads + " threads; give 1 or more");
        }
        if (sharedBytes < 0) {
            throw new IllegalArgumentException(sharedBytes + " bytes of dynamic shared memory; give 0 or more");
        }
    }

    /**
     * The block size of the highest occupancy; 0 if a block cannot have that much dynamic shared memory.
     *
     * @throws IllegalArgumentException if the bytes are fewer than 0
     */
    public int bestThreads(int sharedBytes) {
        requireSizes(1, sharedBytes);
        return module.driver().bestBlock(function, sharedBytes).threads();
    }

    /** Allows the kernel more dynamic shared memory. It is never reduced, since another launch may need it. */
    private void allow(CudaDriver driver, int bytes) {
        if (bytes <= sharedAllowed) {
            return;
        }
        int allowed = driver.cuFuncGetAttribute(CudaDriver.MAX_DYNAMIC_SHARED, function);
        if (bytes > allowed) {
            int most = cuda().properties().sharedPerBlockMost() - driver.cuFuncGetAttribute(SHARED, function);
            if (bytes > most) {
                throw new IllegalArgumentException("a launch of " + signature.name() + " with " + bytes
                        + " bytes of dynamic shared memory; a block of it can have at most " + most);
            }
            driver.cuFuncSetAttribute(function, CudaDriver.MAX_DYNAMIC_SHARED, bytes);
        }
        sharedAllowed = Math.max(bytes, allowed);
    }

    /** Refuses a cooperative grid of more blocks than can be resident, which would deadlock. */
    private void requireRoom(Grid grid) {
        int most = blocksAtOnce(grid.threads(), grid.sharedBytes());
        if (grid.blocks() > most) {
            throw new IllegalArgumentException("a cooperative launch of " + signature.name() + " in " + grid.blocks()
                    + " blocks of " + grid.threads() + " threads; GPU " + cuda().number() + " runs " + most
                    + " of them at a time, as blocksAtOnce() of the kernel says");
        }
        fittingGrid = grid;
    }

    /** Launches with arguments that have been laid out. */
    void launch(Grid grid, MemorySegment arguments) {
        CudaDriver driver = module.driver();
        cuda().current().uses(module);
        allow(driver, grid.sharedBytes());
        if (grid.attributes().cooperative() && !grid.equals(fittingGrid)) {
            requireRoom(grid);
        }
        CudaStopwatch stopwatch = cuda().current().launchStopwatch();
        if (stopwatch == null || !cuda().current().atRest()) {
            driver.launch(function, grid, cuda().current().handle(), arguments);
        } else {
            stopwatch.launch(signature.name(),
                    () -> driver.launch(function, grid, cuda().current().handle(), arguments));
        }
    }
}
