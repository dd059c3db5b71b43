package org.charlstm.device;

import java.util.List;
import java.util.Optional;
import org.charlstm.cuda.Precision;

/** Opens a kind of device. {@link java.util.ServiceLoader} finds the providers. */
public interface DeviceProvider {
    /** A requirement of the device, such as cuDNN, and a line of text: its version and place, or why it is missing. */
    record Requirement(String subject, boolean present, String text) {
        /** The subject of a trial run of all other requirements; the device cannot train if the trial run fails. */
        public static final String ENGINE = "engine";
        /** The subject of something that broke the device before; it is not tried again until its record is deleted. */
        public static final String LEFT_OUT = "left out";
    }

    /** The name that users give to select the device, for example {@code cpu}. */
    String name();

    /** Why the device cannot be used on this machine, on one line; empty if it can be used. */
    Optional<String> unavailable(DeviceOptions options);

    /** Why {@code auto} passes over the device, on one line; empty if {@code auto} takes it. */
    default Optional<String> passedOver(DeviceOptions options) {
        return unavailable(options);
    }

    /** Whether a machine may have several of these devices, selected by a number: {@code cuda:1}. */
    default boolean numbered() {
        return false;
    }

    /** Whether the device supports every {@link Precision}, rather than a fixed one. */
    default boolean precisions() {
        return false;
    }

    /** Everything that the device needs, for people. */
    default List<Requirement> requirements(DeviceOptions options) {
        return List.of();
    }

    /** Starts preparations for the first training steps in the background; returns at once. */
    default void warmUp() {
    }

    /** Opens the device, which belongs to the caller, or throws a {@link org.charlstm.CharlstmException}. */
    Device open(DeviceOptions options);
}
