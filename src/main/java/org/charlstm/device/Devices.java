package org.charlstm.device;

import java.util.List;
import java.util.ServiceLoader;
import org.charlstm.CharlstmException;

/** The devices that this build knows. */
public final class Devices {
    private Devices() {
    }

    /**
     * Every device known, whether or not it can be used here.
     *
     * @return the providers, in the order of their registration
     */
    public static List<DeviceProvider> providers() {
        return ServiceLoader.load(DeviceProvider.class, Devices.class.getClassLoader()).stream()
                .map(ServiceLoader.Provider::get).toList();
    }

    /**
     * The provider of a name.
     *
     * @param name for example {@code cpu}
     * @return the provider
     * @throws IllegalArgumentException if no device has that name
     */
    public static DeviceProvider provider(String name) {
        List<DeviceProvider> all = providers();
        return all.stream().filter(provider -> provider.name().equals(name)).findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no device is called '" + name + "'; there are "
                        + String.join(", ", all.stream().map(DeviceProvider::name).toList())));
    }

    /**
     * Opens a device.
     *
     * @param name    for example {@code cpu}
     * @param options what the user asked for
     * @return the device, which belongs to the caller
     * @throws IllegalArgumentException if no device has that name
     * @throws CharlstmException        if it cannot be used on this machine
     */
    public static Device open(String name, DeviceOptions options) {
        DeviceProvider provider = provider(name);
        provider.unavailable().ifPresent(reason -> {
            throw new CharlstmException("device '" + name + "' is not here: " + reason);
        });
        return provider.open(options);
    }
}
