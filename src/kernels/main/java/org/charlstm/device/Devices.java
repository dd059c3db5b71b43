package org.charlstm.device;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.cuda.Precision;

/** The devices that this build knows. */
public final class Devices {
    /** The name that selects the first device with all its requirements present, a GPU before a processor. */
    public static final String AUTO = "auto";
    /** The slow device that {@link #AUTO} takes only where a module is missing. */
    private static final String MAKESHIFT = "reference";

    private Devices() {
    }

    /** A selected device: its provider, its number from 0, and why it was selected, empty if the user named it. */
    public record Selection(DeviceProvider provider, int number, Optional<String> why) {
    }

    /** All known devices, usable on this machine or not, in the order in which {@code auto} tries them. */
    public static List<DeviceProvider> providers() {
        return ServiceLoader.load(DeviceProvider.class, Devices.class.getClassLoader()).stream()
                .map(ServiceLoader.Provider::get).toList();
    }

    /**
     * Selects the device of a name, such as {@code auto}, {@code cpu}, {@code cuda} or {@code cuda:1}. A named device
     * may be missing on this machine. An unknown name throws an {@link IllegalArgumentException}.
     */
    public static Selection select(String name, DeviceOptions options) {
        List<DeviceProvider> all = providers();
        if (name.equals(AUTO)) {
            return automatic(all, options);
        }
        int colon = name.indexOf(':');
        String plain = colon < 0 ? name : name.substring(0, colon);
        DeviceProvider provider = all.stream().filter(each -> each.name().equals(plain)).findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no device is called '" + name + "'; there are " + AUTO
                        + ", " + String.join(", ", all.stream().map(DeviceProvider::name).toList())));
        return new Selection(provider, colon < 0 ? 0 : number(provider, name, colon + 1), Optional.empty());
    }

    private static int number(DeviceProvider provider, String name, int from) {
        String digits = name.substring(from);
        if (!provider.numbered() || !digits.matches("[0-9]{1,4}")) {
            throw new IllegalArgumentException("'" + name + "' names no device; "
                    + (provider.numbered() ? "a number from 0 follows the colon" : "there is one " + provider.name()));
        }
        return Integer.parseInt(digits);
    }

    private static Selection automatic(List<DeviceProvider> all, DeviceOptions options) {
        List<String> passed = new ArrayList<>();
        for (DeviceProvider provider : all) {
            Optional<String> reason = provider.passedOver(options);
            if (reason.isEmpty()) {
                return new Selection(provider, 0, Optional.of(
                        passed.isEmpty() ? "all that it needs is here" : String.join("; ", passed)));
            }
            passed.add("not " + provider.name() + ", " + reason.get());
        }
        throw new CharlstmException("no device can be used here: " + String.join("; ", passed));
    }

    /** Opens a device with the default options, as {@link #open(String, DeviceOptions)} does. */
    public static Device open(String name) {
        return open(name, DeviceOptions.DEFAULT);
    }

    /**
     * Opens the device of a name; the number in the name replaces the number of the options. An unknown name throws an
     * {@link IllegalArgumentException}; a device that cannot be used on this machine throws a
     * {@link CharlstmException}. If {@code auto} takes {@code reference}, because Java was started without the module
     * that the processor's fast path needs, a warning goes to the {@link System.Logger} of this class's name.
     */
    public static Device open(String name, DeviceOptions options) {
        Selection selection = select(name, options);
        selection.why.filter(reason -> selection.provider.name().equals(MAKESHIFT))
                .ifPresent(reason -> System.getLogger(Devices.class.getName()).log(System.Logger.Level.WARNING,
                        "computing on " + MAKESHIFT + ": " + reason));
        return open(selection, options);
    }

    /** Opens a device that was selected before. It logs no warning: {@link Selection#why} holds the reason. */
    public static Device open(Selection selection, DeviceOptions options) {
        selection.provider.unavailable(options).ifPresent(reason -> {
            throw new CharlstmException("device '" + selection.provider.name() + "' is not here: " + reason);
        });
        requirePrecision(selection, options.precision());
        return selection.provider.open(options.withNumber(selection.number));
    }

    /** Throws an {@link IllegalArgumentException} for a precision that the device does not support. */
    private static void requirePrecision(Selection selection, Precision precision) {
        if (precision != Precision.FLOAT32 && !selection.provider.precisions()) {
            throw new IllegalArgumentException("'" + selection.provider.name() + "' knows one precision; "
                    + precision + " is for a GPU");
        }
    }
}
