package org.charlstm.device;

import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.charlstm.cuda.Precision;
import org.charlstm.device.Leases.Lease;

/**
 * Something that computes: it owns memory and the order of execution. What it computes is {@link Operations}.
 *
 * <p>A device and all that belongs to it, models and trainers among it, is used by one thread at a time; inside, it may
 * use as many as it likes. Who works in several threads opens a device and a model in each; it may also be handed from
 * one thread to the next. Models, trainers, samplers and evaluations take a {@link #lease}, so that a call while
 * another thread's is under way is refused; operations and buffers that are called directly do not look. On a device
 * that runs behind the host, operations return before they are done; {@code read} on a buffer waits.
 */
public interface Device extends AutoCloseable {
    /**
     * The name by which the device is asked for.
     *
     * @return for example {@code cpu}
     */
    String name();

    /** What the device is, for people: the hardware and how it is used. */
    String description();

    /**
     * The hardware alone, without the software that drives it: where two devices' differ, so do their times.
     *
     * @return one line, the description if nothing in it is a matter of software
     */
    default String hardware() {
        return description();
    }

    /**
     * Takes the device for the calling thread; {@link Leases} does it for those who write one.
     *
     * @return the lease, to be closed by this thread; leases of one thread may lie in one another
     * @throws IllegalStateException if the device is closed, or another thread has a lease
     */
    Lease lease();

    /**
     * A new scope of memory.
     *
     * @return the scope; it belongs to the caller and ends with the device at the latest
     * @throws IllegalStateException if the device is closed
     */
    Memory memory();

    /**
     * What the device computes.
     *
     * @return its operations, always the same object
     * @throws IllegalStateException if the device is closed
     */
    Operations operations();

    /**
     * Records a step once so that it can be run again and again. The step may call operations only: whatever varies
     * from run to run lives in device memory.
     *
     * @param memory the scope with which the recording ends
     * @param step   the operations of one step
     * @return what runs the step; a device that records nothing returns {@code step} itself
     */
    default Runnable capture(Memory memory, Runnable step) {
        return step;
    }

    /**
     * How exactly the device computes; the oracle and processors, at least as float32.
     *
     * @return float32 unless a GPU was asked for less
     */
    default Precision precision() {
        return Precision.FLOAT32;
    }

    /**
     * Whether operations return before they are done, so that many at once cost less than waiting for each one's
     * result.
     *
     * @return false where an operation is done when it returns
     */
    default boolean runsBehind() {
        return false;
    }

    /**
     * What the device has measured and chosen so far.
     *
     * @return for people, a line each; often none
     */
    default List<String> choices() {
        return List.of();
    }

    /**
     * What does not go as it should, though the device goes on.
     *
     * @return for people, a line each in the order in which it came up; often none
     */
    default List<String> warnings() {
        return List.of();
    }

    /**
     * What the device's memory is used for now.
     *
     * @return bytes by purpose, the most first; empty where the memory is the host's
     */
    default Map<String, Long> memoryUse() {
        return Map.of();
    }

    /**
     * The most of the device's memory that was in use at once since it was opened.
     *
     * @return bytes, as {@link #memoryUse} counts them; 0 where the memory is the host's
     */
    default long peakMemory() {
        return 0;
    }

    /**
     * Times operations on the device itself.
     *
     * @return a stopwatch, which belongs to the caller and ends before the device
     */
    default Stopwatch stopwatch() {
        return Stopwatch.onHost();
    }

    /**
     * Measures, for up to a second, the most that the device computes in its precision, whatever the operation.
     *
     * @return floating-point operations a second, a multiply-add counted as two; empty where nobody would ask
     */
    default OptionalDouble ceiling() {
        return OptionalDouble.empty();
    }

    /** Ends the device and all its memory; while another thread has a lease, when that is given back. */
    @Override
    void close();
}
