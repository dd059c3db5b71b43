package org.charlstm.device;

import module java.base;
import org.charlstm.cuda.Binding;
import org.charlstm.device.gpu.Gpu;

/** The devices on which tests run; a GPU once through each binding of NVIDIA's libraries, as "cudasim jcuda". */
public final class TestDevices {
    private static final DeviceOptions OPTIONS = new DeviceOptions(2);

    private TestDevices() {
    }

    /** Every device that this machine has, but the oracle, and the simulated GPU under its own name only. */
    public static Stream<String> all() {
        if (Boolean.getBoolean("charlstm.gpu")) {
            Devices.select("cuda", OPTIONS).provider().passedOver(OPTIONS).ifPresent(reason -> {
                throw new AssertionError("these tests are for a real GPU: " + reason);
            });
        }
        return Devices.providers().stream()
                .flatMap(provider -> provider.name().startsWith("cuda") ? throughEach(provider)
                        : provider.unavailable(OPTIONS).isEmpty() ? Stream.of(provider.name()) : Stream.empty())
                .filter(name -> !name.equals("reference"));
    }

    private static Stream<String> throughEach(DeviceProvider gpu) {
        return Stream.of(Binding.PANAMA, Binding.JCUDA)
                .map(binding -> OPTIONS.with(GpuOptions.DEFAULT.with(binding)))
                .filter(options -> gpu.unavailable(options).isEmpty()
                        && (!gpu.name().equals("cuda") || gpu.passedOver(options).isEmpty()))
                .map(options -> gpu.name() + " " + options.gpu().binding());
    }

    /** Every GPU that this machine has, the simulated one among them. */
    public static Stream<String> gpus() {
        return all().filter(name -> name.startsWith("cuda"));
    }

    /** Of devices by these names each once, for the bindings of one give the same bits, as AcrossDevicesTest tells. */
    public static Stream<String> once(Stream<String> names) {
        Set<String> seen = new HashSet<>();
        return names.filter(name -> seen.add(device(name)));
    }

    /** The device of a name, as the tool knows it. */
    public static String device(String name) {
        return name.split(" ", 2)[0];
    }

    /** The binding of a name, as the tool knows it. */
    public static String binding(String name) {
        return name.contains(" ") ? name.split(" ", 2)[1] : "auto";
    }

    /** Opens one; two threads, so that there is something to share out. */
    public static Device open(String name) {
        return open(name, OPTIONS);
    }

    /** Opens one with what runs the LSTM on a GPU. */
    public static Device open(String name, String algorithm) {
        return open(name, OPTIONS.with(Gpu.running(algorithm).gpu()));
    }

    /** Opens one with options that say nothing of the binding. */
    public static Device open(String name, DeviceOptions options) {
        return Devices.open(device(name), options.with(options.gpu().with(
                GpuOptions.named(Binding.class, binding(name)))));
    }
}
