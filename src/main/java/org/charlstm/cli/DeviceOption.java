package org.charlstm.cli;

import org.charlstm.device.Device;
import org.charlstm.device.DeviceOptions;
import org.charlstm.device.Devices;
import picocli.CommandLine.Option;

/** The options that choose a device, the same for every command that computes. */
final class DeviceOption {
    /** More than any machine has. */
    private static final int MAX_THREADS = 4096;

    @Option(names = "--device", paramLabel = "NAME", defaultValue = "cpu",
            description = "What computes: cpu, or reference (slow, in double). Default: ${DEFAULT-VALUE}.")
    private String name;

    @Option(names = "--threads", paramLabel = "N", description = "Threads of the cpu device. Default: all processors.")
    private Integer threads;

    /** Refuses what cannot be meant, before anything is read or computed. */
    void check() {
        if (threads != null && (threads < 1 || threads > MAX_THREADS)) {
            throw new UsageException("--threads is " + threads + "; it must be from 1 to " + MAX_THREADS);
        }
        try {
            Devices.provider(name);
        } catch (IllegalArgumentException e) {
            throw new UsageException("--device: " + e.getMessage());
        }
    }

    Device open() {
        return Devices.open(name, new DeviceOptions(threads == null ? 0 : threads));
    }
}
