package org.charlstm.device;

/**
 * Marks in the order of what a device computes, and the time between them. Used by the device's thread; closed, it
 * answers with an {@link IllegalStateException}.
 */
public interface Stopwatch extends AutoCloseable {
    /** Marks where the operations called so far end, without waiting for them. */
    void mark();

    /**
     * Waits for all marks and forgets them.
     *
     * @return seconds from each mark to the next, as the device saw them: one fewer than there were marks
     */
    double[] laps();

    @Override
    void close();
}
