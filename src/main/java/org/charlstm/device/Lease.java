package org.charlstm.device;

/** The right of a thread to use a device, from {@link Device#lease} on. */
@FunctionalInterface
public interface Lease extends AutoCloseable {
    /** Gives the device back. */
    @Override
    void close();
}
