package org.charlstm.device;

import java.util.Optional;

/** Opens one kind of device. Found through {@link java.util.ServiceLoader}. */
public interface DeviceProvider {
    /**
     * The name by which the device is asked for.
     *
     * @return for example {@code cpu}
     */
    String name();

    /**
     * Why the device cannot be used on this machine.
     *
     * @return one line, or empty if it can
     */
    Optional<String> unavailable();

    /**
     * Opens the device.
     *
     * @param options what the user asked for
     * @return the device, which belongs to the caller
     * @throws org.charlstm.CharlstmException if it cannot be used here
     */
    Device open(DeviceOptions options);
}
