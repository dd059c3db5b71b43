package org.charlstm.device;

import java.util.List;
import java.util.Optional;
import org.charlstm.cuda.Precision;

/** Opens one kind of device. Found through {@link java.util.ServiceLoader}. */
public interface DeviceProvider {
    /** The name by which users ask for the device, for example {@code cpu}. */
    String name();

    /** Why the device cannot be used on this machine, on one line; empty if it can. */
    Optional<String> unavailable(DeviceOptions options);

    /** Why {@code auto} does not take the device, on one line; empty if it does. */
    default Optional<String> passedOver(DeviceOptions options) {
        return unavailable(options);
    }

    /** Whether there may be several, told apart by a number: {@code cuda:1}. */
    default boolean numbered() {
        return false;
    }

    /** Whether the device computes in any {@link Precision}, rather than one of its own. */
    default boolean precisions() {
        return false;
    }

    /** What the device needs and what was found of it, for people; empty if it needs nothing. */
    default List<Finding> findings(DeviceOptions options) {
        return List.of();
    }

    /**
     * Opens the device, which belongs to the caller.
     *
     * @throws org.charlstm.CharlstmException if it cannot be used here
     */
    Device open(DeviceOptions options);
}
