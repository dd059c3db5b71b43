package org.charlstm.device;

import module java.base;
import org.charlstm.cuda.Precision;

/**
 * A processor with its memory and its order of execution. {@link Operations} are what it computes.
 *
 * <p>One thread at a time uses a device with its models and trainers; inside, the device uses as many threads as it
 * likes. A program of several threads opens a device and a model in each, or hands a device from one thread to the
 * next. Models, trainers, samplers and evaluations take a {@link #lease}, which refuses a call during another thread's;
 * operations and buffers that are called directly do not check. On a device that runs behind the host, operations
 * return before they are done; {@code read} on a buffer waits. A closed device throws an {@link IllegalStateException}.
 */
public interface Device extends AutoCloseable {
    /** The right of a thread to use a device. */
    @FunctionalInterface
    interface Lease extends AutoCloseable {
        /** Gives the device back. */
        @Override
        void close();
    }

    /** The name by which users ask for the device, for example {@code cpu}. */
    String name();

    /** The hardware and how it is used, for people. */
    String description();

    /** The hardware alone, without the software that drives it, on one line: timings compare only where it is equal. */
    default String hardware() {
        return description();
    }

    /**
     * Takes the device for the calling thread, which has to close the lease; leases of one thread may lie in one
     * another. Another thread's lease is an {@link IllegalStateException}.
     */
    Lease lease();

    /** A new scope of memory, which belongs to the caller and ends with the device at the latest. */
    Memory memory();

    /** The operations of the device, always the same object. */
    Operations operations();

    /**
     * Does something that may never end or break the device, and waits less long for it, where the device knows how.
     *
     * @param what names it in the message of a failure
     */
    default <T> T trying(String what, Supplier<T> work) {
        return work.get();
    }

    /**
     * Records a step once, to be run many times, until its scope of memory ends. The step may call operations only;
     * values that vary from run to run live in device memory. A device that records nothing returns the step itself.
     */
    default Runnable capture(Memory memory, Runnable step) {
        return step;
    }

    /** The precision: float32, or better on the oracle, unless a GPU was asked for less. */
    default Precision precision() {
        return Precision.FLOAT32;
    }

    /** Whether operations return before they are done; then many calls in a row cost less than reading each result. */
    default boolean runsBehind() {
        return false;
    }

    /** The choices that the device has made by measurement so far, for people, a line each. */
    default List<String> choices() {
        return List.of();
    }

    /**
     * The largest batch whose recurrent layers take no more waves of a GPU's multiprocessors than one that was trained
     * with, and so hardly more time; 0 where that is not known.
     */
    default int waveBatch(int batch) {
        return 0;
    }

    /** Problems that do not stop the device, for people, a line each in the order of their occurrence. */
    default List<String> warnings() {
        return List.of();
    }

    /** The bytes of device memory in use now by purpose, the most first; empty for a device in host memory. */
    default Map<String, Long> memoryUse() {
        return Map.of();
    }

    /** The most bytes of device memory in use at once since the device was opened; 0 for a device in host memory. */
    default long peakMemory() {
        return 0;
    }

    /** Measures the peak rate for up to a second: operations a second, a multiply-add as two; empty if it cannot. */
    default OptionalDouble ceiling() {
        return OptionalDouble.empty();
    }

    /** Ends the device and all its memory; if another thread has a lease, once that is given back. */
    @Override
    void close();
}
