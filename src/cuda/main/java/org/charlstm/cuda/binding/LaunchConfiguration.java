package org.charlstm.cuda.binding;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import module java.base;
import org.charlstm.cuda.Grid;

/** CUlaunchConfig with one CUlaunchAttribute behind it, the size of a cluster, by their layouts in cuda.h. */
final class LaunchConfiguration {
    // Six sizes and the shared memory come first.
    private static final int STREAM = 32;
    private static final int ATTRIBUTES = 40;
    private static final int ATTRIBUTE_COUNT = 48;
    private static final int ATTRIBUTE = 56;
    private static final int ATTRIBUTE_VALUE = ATTRIBUTE + 8;
    private static final int BYTES = ATTRIBUTE_VALUE + 64;

    /** The driver reads it before a launch returns, so that the next launch of a thread may use it again. */
    private static final ThreadLocal<MemorySegment> OF_THREAD =
            ThreadLocal.withInitial(() -> Arena.ofAuto().allocate(BYTES, 8));

    private LaunchConfiguration() {
    }

    /** The configuration of this thread's next launch. */
    static MemorySegment of(Grid grid, long stream) {
        MemorySegment launch = OF_THREAD.get();
        launch.setAtIndex(JAVA_INT, 0, grid.blocksX());
        launch.setAtIndex(JAVA_INT, 1, grid.blocksY());
        launch.setAtIndex(JAVA_INT, 2, grid.blocksZ());
        launch.setAtIndex(JAVA_INT, 3, grid.threadsX());
        launch.setAtIndex(JAVA_INT, 4, grid.threadsY());
        launch.setAtIndex(JAVA_INT, 5, grid.threadsZ());
        launch.setAtIndex(JAVA_INT, 6, grid.sharedBytes());
        launch.set(JAVA_LONG, STREAM, stream);
        launch.set(JAVA_LONG, ATTRIBUTES, launch.address() + ATTRIBUTE);
        launch.set(JAVA_INT, ATTRIBUTE_COUNT, 1);
        launch.set(JAVA_INT, ATTRIBUTE, CudaDriver.CLUSTER_DIMENSION);
        launch.set(JAVA_INT, ATTRIBUTE_VALUE, grid.clusterX());
        launch.set(JAVA_INT, ATTRIBUTE_VALUE + 4, grid.clusterY());
        launch.set(JAVA_INT, ATTRIBUTE_VALUE + 8, grid.clusterZ());
        return launch;
    }
}
