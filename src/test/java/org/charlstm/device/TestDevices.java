package org.charlstm.device;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/** The devices on which tests run. */
public final class TestDevices {
    private TestDevices() {
    }

    /** Every device that this machine has, but the oracle, and the simulated GPU under its own name only. */
    public static Stream<String> all() {
        return Devices.providers().stream().filter(provider -> provider.unavailable().isEmpty())
                .filter(provider -> !provider.name().equals("cuda") || provider.passedOver().isEmpty())
                .map(DeviceProvider::name).filter(name -> !name.equals("reference"));
    }

    /** Every GPU that this machine has, the simulated one among them; where there is none, the test is skipped. */
    public static Stream<String> gpus() {
        List<String> gpus = all().filter(name -> name.startsWith("cuda")).toList();
        if (gpus.isEmpty()) {
            Assumptions.abort("no GPU, not even a simulated one: "
                    + Devices.select("cudasim").provider().unavailable().orElseThrow());
        }
        return gpus.stream();
    }

    /** Opens one; two threads, so that there is something to share out. */
    public static Device open(String name) {
        return Devices.open(name, new DeviceOptions(2));
    }
}
