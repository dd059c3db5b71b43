package org.charlstm.device;

import java.util.List;
import java.util.Optional;
import org.charlstm.cuda.Precision;

/** Opens one kind of device. Found through {@link java.util.ServiceLoader}. */
public interface DeviceProvider {
    /** A thing that the device needs, such as cuDNN, and its version and place, or why it is not here, in a line. */
    record Requirement(String subject, boolean present, String text) {
        /** The subject of a trial run of everything else; the device cannot train where it is not present. */
        public static final String ENGINE = "engine";
        /** The subject of something that broke the device before, and is not tried again until it is forgotten. */
        public static final String LEFT_OUT = "left out";
    }

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

    /** Everything that the device needs, for people. */
    default List<Requirement> requirements(DeviceOptions options) {
        return List.of();
    }

    /** Begins, beside the caller, what the first steps of training would wait for; returns at once. */
    default void warmUp() {
    }

    /** Opens the device, which belongs to the caller, or throws a {@link org.charlstm.CharlstmException}. */
    Device open(DeviceOptions options);
}
