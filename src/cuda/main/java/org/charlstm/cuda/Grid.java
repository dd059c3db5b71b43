package org.charlstm.cuda;

import java.util.Objects;
import java.util.OptionalInt;

/**
 * The shape of a launch: blocks of threads in up to three dimensions; x varies fastest.
 *
 * @param blocksX      blocks along x; y and z likewise, at most 65,535
 * @param threadsX     threads of a block along x; y and z likewise, along z at most 64; at most 1024 in all
 * @param sharedBytes  dynamic shared memory of a block, in bytes
 * @param clusterX     blocks of a cluster along x, from compute capability 9.0 on; y and z likewise. 1 for no clusters
 * @param attributes   further options of the launch
 */
public record Grid(int blocksX, int blocksY, int blocksZ, int threadsX, int threadsY, int threadsZ, int sharedBytes,
        int clusterX, int clusterY, int clusterZ, Attributes attributes) {
    /**
     * Options of a launch besides its shape.
     *
     * @param cooperative whether all blocks are resident at once; see {@link Grid#cooperative}
     * @param early       whether the launch may begin before the previous kernel has ended; see {@link Grid#early}
     * @param priority    a priority in place of the stream's; see {@link Grid#priority}
     */
    public record Attributes(boolean cooperative, boolean early, OptionalInt priority) {
        /** No options. */
        public static final Attributes NONE = new Attributes(false, false, OptionalInt.empty());

        /** Refuses null. */
        public Attributes {
            Objects.requireNonNull(priority, "the priority is null");
        }

        /** Whether any option is set. */
        public boolean any() {
            return cooperative || early || priority.isPresent();
        }
    }

    private static final int MOST_THREADS = 1024;
    private static final int MOST_THREADS_Z = 64;
    private static final int MOST_BLOCKS_YZ = 65_535;

    /** Checks the sizes. */
    public Grid {
        Objects.requireNonNull(attributes, "the attributes is null");
        if (blocksX < 1 || blocksY < 1 || blocksZ < 1 || threadsX < 1 || threadsY < 1 || threadsZ < 1) {
            throw new IllegalArgumentException("a grid of " + blocksX + " x " + blocksY + " x " + blocksZ
                    + " blocks of " + threadsX + " x " + threadsY + " x " + threadsZ
                    + " threads; each number must be at least 1");
        }
        if (blocksY > MOST_BLOCKS_YZ || blocksZ > MOST_BLOCKS_YZ) {
            throw new IllegalArgumentException("a grid of " + blocksX + " x " + blocksY + " x " + blocksZ
                    + " blocks; along y and z it can have at most " + MOST_BLOCKS_YZ + ", so take x for the most");
        }
        // The product is of doubles, since a product of three ints may overflow a long.
        if ((double) threadsX * threadsY * threadsZ > MOST_THREADS || threadsZ > MOST_THREADS_Z) {
            throw new IllegalArgumentException("a block of " + threadsX + " x " + threadsY + " x " + threadsZ
                    + " threads; it can have at most " + MOST_THREADS + ", along z at most " + MOST_THREADS_Z);
        }
        if (sharedBytes < 0) {
            throw new IllegalArgumentException(sharedBytes + " bytes of shared memory; give 0 or more");
        }
        if (clusterX < 1 || clusterY < 1 || clusterZ < 1 || blocksX % clusterX != 0 || blocksY % clusterY != 0
                || blocksZ % clusterZ != 0) {
            throw new IllegalArgumentException("clusters of " + clusterX + " x " + clusterY + " x " + clusterZ
                    + " blocks in a grid of " + blocksX + " x " + blocksY + " x " + blocksZ
                    + "; the grid must hold whole clusters");
        }
    }

    /** Blocks of threads in one dimension. */
    public static Grid of(int blocks, int threads) {
        return of(blocks, threads, 1);
    }

    /** Blocks in one dimension, each of threads in two dimensions. */
    public static Grid of(int blocks, int threadsX, int threadsY) {
        return new Grid(blocks, 1, 1, threadsX, threadsY, 1, 0, 1, 1, 1, Attributes.NONE);
    }

    /**
     * Blocks in one dimension, with at least a thread for each element.
     *
     * @param count   elements; for 0 elements there is one block, whose threads must check the count
     * @param threads of a block
     */
    public static Grid covering(long count, int threads) {
        if (count < 0 || threads < 1 || Math.ceilDiv(count, (long) threads) > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("a grid for " + count + " elements by blocks of " + threads
                    + " threads; there must be 0 elements or more, 1 thread or more, and less than 2^31 blocks");
        }
        return of(Math.toIntExact(Math.max(1, Math.ceilDiv(count, (long) threads))), threads);
    }

    /**
     * Blocks in two dimensions, with at least a thread for each element of a matrix; x counts columns.
     *
     * @param rows     rows of the matrix; for 0 rows there is one row of blocks, whose threads must check the rows;
     *                 columns likewise
     * @param threadsX of a block along the columns
     * @param threadsY of a block along the rows
     */
    public static Grid covering(int rows, int columns, int threadsX, int threadsY) {
        if (rows < 0 || columns < 0) {
            throw new IllegalArgumentException("a grid for " + rows + " rows and " + columns
                    + " columns; there must be 0 or more of each");
        }
        return of(1, threadsX, threadsY).blocks(Math.max(1, Math.ceilDiv(columns, threadsX)),
                Math.max(1, Math.ceilDiv(rows, threadsY)), 1);
    }

    /** This grid with other blocks, in three dimensions. */
    public Grid blocks(int x, int y, int z) {
        return new Grid(x, y, z, threadsX, threadsY, threadsZ, sharedBytes, clusterX, clusterY, clusterZ, attributes);
    }

    /** This grid with other threads of a block, in three dimensions. */
    public Grid threads(int x, int y, int z) {
        return new Grid(blocksX, blocksY, blocksZ, x, y, z, sharedBytes, clusterX, clusterY, clusterZ, attributes);
    }

    /** This grid with {@code bytes} bytes of dynamic shared memory per block. */
    public Grid shared(int bytes) {
        return new Grid(blocksX, blocksY, blocksZ, threadsX, threadsY, threadsZ, bytes, clusterX, clusterY, clusterZ,
                attributes);
    }

    /** This grid with clusters of {@code x}, {@code y} and {@code z} blocks. */
    public Grid cluster(int x, int y, int z) {
        return new Grid(blocksX, blocksY, blocksZ, threadsX, threadsY, threadsZ, sharedBytes, x, y, z, attributes);
    }

    /**
     * This grid as a cooperative launch: all blocks are resident at once, and may synchronise by {@code
     * cooperative_groups::this_grid().sync()}. The launch has at most {@link CudaKernel#blocksAtOnce} blocks.
     */
    public Grid cooperative() {
        return with(new Attributes(true, attributes.early, attributes.priority));
    }

    /**
     * This grid as a launch that may begin before the stream's previous kernel has ended (programmatic stream
     * serialization, from compute capability 9.0 on). Its threads call {@code cudaGridDependencySynchronize()} before
     * they read the previous kernel's results.
     */
    public Grid early() {
        return with(new Attributes(attributes.cooperative, true, attributes.priority));
    }

    /**
     * This grid with a priority in place of the stream's. The default is 0; a lower number is a higher priority, down
     * to {@link Cuda#greatestPriority}. A number out of range is clamped.
     */
    public Grid priority(int priority) {
        return with(new Attributes(attributes.cooperative, attributes.early, OptionalInt.of(priority)));
    }

    private Grid with(Attributes other) {
        return new Grid(blocksX, blocksY, blocksZ, threadsX, threadsY, threadsZ, sharedBytes, clusterX, clusterY,
                clusterZ, other);
    }

    /** Whether the launch asks for clusters; a kernel may declare its own clusters too. */
    public boolean clusters() {
        return clusterX > 1 || clusterY > 1 || clusterZ > 1;
    }

    /** The number of all blocks. */
    long blocks() {
        return (long) blocksX * blocksY * blocksZ;
    }

    /** Threads of a block. */
    public int threads() {
        return threadsX * threadsY * threadsZ;
    }
}
