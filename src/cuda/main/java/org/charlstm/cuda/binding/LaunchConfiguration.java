package org.charlstm.cuda.binding;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import module java.base;
import org.charlstm.cuda.Grid;

/** A grid's CUlaunchConfig, followed by its CUlaunchAttributes, in the layouts of cuda.h. */
final class LaunchConfiguration {
    // The six sizes and the shared memory come before the stream.
    private static final int STREAM = 32;
    private static final int ATTRIBUTES = 40;
    private static final int ATTRIBUTE_COUNT = 48;
    private static final int ATTRIBUTE = 56;
    private static final int VALUE = 8;
    private static final int ATTRIBUTE_BYTES = 72;
    private static final int MOST_ATTRIBUTES = 4;
    private static final int BYTES = ATTRIBUTE + MOST_ATTRIBUTES * ATTRIBUTE_BYTES;

    /** A configuration for each thread, reused by the next launch: the driver reads it before a launch returns. */
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
        Grid.Attributes asked = grid.attributes();
        int count = 0;
        if (grid.clusters()) {
            int at = put(launch, count++, CudaDriver.CLUSTER_DIMENSION, grid.clusterX());
            launch.set(JAVA_INT, at + 4, grid.clusterY());
            launch.set(JAVA_INT, at + 8, grid.clusterZ());
        }
        if (asked.cooperative()) {
            put(launch, count++, CudaDriver.COOPERATIVE, 1);
        }
        if (asked.early()) {
            put(launch, count++, CudaDriver.PROGRAMMATIC_STREAM_SERIALIZATION, 1);
        }
        if (asked.priority().isPresent()) {
            put(launch, count++, CudaDriver.PRIORITY, asked.priority().getAsInt());
        }
        launch.set(JAVA_INT, ATTRIBUTE_COUNT, count);
        return launch;
    }

    /** Writes an attribute with the first number of its value; returns the number's offset. */
    private static int put(MemorySegment launch, int number, int attribute, int value) {
        int at = ATTRIBUTE + number * ATTRIBUTE_BYTES;
        launch.set(JAVA_INT, at, attribute);
        launch.set(JAVA_INT, at + VALUE, value);
        return at + VALUE;
    }
}
