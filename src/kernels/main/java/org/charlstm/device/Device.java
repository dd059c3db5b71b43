package org.charlstm.device;

import module java.base;
import org.charlstm.cuda.Precision;

/**
 * A processor with its own memory and order of execution. It computes {@link Operations}.
 *
 * <p>One thread at a time uses a device with its models and trainers; internally, the device may use any number of
 * threads. A program with several threads opens a device and a model in each, or hands a device from one thread to the
 * next. Models, trainers, samplers and evaluations take a {@link #lease}, which refuses a call while another thread
 * holds the device; operations and buffers that are called directly do not check. On an asynchronous device, operations
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

    /** The name that users give to select the device, for example {@code cpu}. */
    String name();

    /** A description of the hardware and of how it is used, for people. */
    String description();

    /** The hardware without its software, on one line. Timings are comparable only between equal hardware. */
    default String hardware() {
        return description();
    }

    /**
     * Takes the device for the calling thread, which must close the lease; a thread may nest its leases. Throws an
     * {@link IllegalStateException} while another thread holds a lease.
     */
    Lease lease();

    /** Opens a new scope of memory, which the caller closes; closing the device closes the scope too. */
    Memory memory();

    /** The operations of the device, always the same object. */
    Operations operations();

    /**
     * Runs work that may hang or break the device. A device with time limits waits less long for this work.
     *
     * @param what names the work in the message of a failure
     */
    default <T> T trying(String what, Supplier<T> work) {
        return work.get();
    }

    /**
     * Records a step once for many replays, until its scope of memory is closed. The step may call operations only;
     * values that vary from run to run live in device memory. A device that cannot record returns the step itself.
     */
    default Runnable capture(Memory memory, Runnable step) {
        return step;
    }

    /** The precision: float32 unless a GPU was opened with a lower one; the reference device computes in double. */
    default Precision precision() {
        return Precision.FLOAT32;
    }

    /** Whether operations return before they are done; many calls in a row then cost less than reading each result. */
    default boolean runsBehind() {
        return false;
    }

    /** The choices that the device has made by measurement so far, one line each, for people. */
    default List<String> choices() {
        return List.of();
    }

    /**
     * The largest batch whose recurrent layers need no more waves of blocks on a GPU's multiprocessors than
     * {@code batch}, a batch size that was trained with, and so hardly more time; 0 if this is unknown.
     */
    default int waveBatch(int batch) {
        return 0;
    }

    /** Problems that did not stop the device, one line each in the order of their occurrence, for people. */
    default List<String> warnings() {
        return List.of();
    }

    /** The bytes of device memory in use now, by purpose, the largest first; empty for a device in host memory. */
    default Map<String, Long> memoryUse() {
        return Map.of();
    }

    /** The peak of device memory in use since the device was opened, in bytes; 0 for a device in host memory. */
    default long peakMemory() {
        return 0;
    }

    /** Measures, for up to a second, the peak operations per second; a multiply-add is two. Empty if not measurable. */
    default OptionalDouble ceiling() {
        return OptionalDouble.empty();
    }

    /** Closes the device and all its memory, as soon as no other thread holds a lease. */
    @Override
    void close();
}
