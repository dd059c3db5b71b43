package org.charlstm.device;

import java.util.List;
import java.util.Optional;
import org.charlstm.cuda.Precision;

/** Opens one kind of device. Found through {@link java.util.ServiceLoader}. */
public interface DeviceProvider {
    /**
     * The name by which the device is asked for.
     *
     * @return for example {@code cpu}
     */
    String name();

    /**
     * A choice that this device leaves to the user and others do not know.
     *
     * @param name   as {@link DeviceOptions#own} and the command line name it
     * @param values what it may be, the usual value first
     */
    record Option(String name, List<String> values) {
        /** Keeps the values. */
        public Option {
            values = List.copyOf(values);
        }

        /**
         * What the user chose.
         *
         * @param options what the user asked for
         * @throws IllegalArgumentException if it is none of them
         */
        public String of(DeviceOptions options) {
            String value = options.own().getOrDefault(name, values.getFirst());
            if (!values.contains(value)) {
                throw new IllegalArgumentException(name + " is '" + value + "'; there are "
                        + String.join(", ", values));
            }
            return value;
        }
    }

    /**
     * The choices that only this device has.
     *
     * @return none for most
     */
    default List<Option> options() {
        return List.of();
    }

    /**
     * Why the device cannot be used on this machine.
     *
     * @param options what the user asked for
     * @return one line, or empty if it can
     */
    Optional<String> unavailable(DeviceOptions options);

    /**
     * Why {@code auto} does not take the device.
     *
     * @param options what the user asked for
     * @return one line, or empty if it does
     */
    default Optional<String> passedOver(DeviceOptions options) {
        return unavailable(options);
    }

    /**
     * Whether there may be several, told apart by a number: {@code cuda:1}.
     *
     * @return false if there is one
     */
    default boolean numbered() {
        return false;
    }

    /**
     * Whether the device computes in any {@link Precision}.
     *
     * @return false if it has one of its own
     */
    default boolean precisions() {
        return false;
    }

    /**
     * What the device needs and what was found of it.
     *
     * @param options what the user asked for
     * @return for people; empty if it needs nothing
     */
    default List<Finding> findings(DeviceOptions options) {
        return List.of();
    }

    /**
     * Opens the device.
     *
     * @param options what the user asked for
     * @return the device, which belongs to the caller
     * @throws org.charlstm.CharlstmException if it cannot be used here
     */
    Device open(DeviceOptions options);
}
