package org.charlstm.cli;

import java.util.Optional;
import org.charlstm.device.Device;
import org.charlstm.device.DeviceOptions;
import org.charlstm.device.Devices;
import org.charlstm.device.Precision;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options that choose a device, the same for every command that computes. */
final class DeviceOption {
    /** What {@code auto} takes on most machines. */
    private static final String USUAL = "cpu";
    /** More than any machine has. */
    private static final int MAX_THREADS = 4096;

    @Option(names = "--device", paramLabel = "DEVICE",
            completionCandidates = Choices.OfDevice.class, defaultValue = Devices.AUTO,
            description = "What computes: auto (a GPU if all that it needs is here, else cpu), cpu, cuda, cuda:1 (the "
            + "second GPU), cudasim (the simulated GPU), or reference (slow, in double). Default: ${DEFAULT-VALUE}.")
    private String name;

    @Option(names = "--threads", paramLabel = "N", description = "Threads of the cpu device. Default: all processors.")
    private Integer threads;

    @Option(names = "--precision", paramLabel = "PRECISION",
            completionCandidates = Choices.OfPrecision.class, defaultValue = "float32",
            description = "How exactly a GPU computes: float32, tf32, or bf16. Default: ${DEFAULT-VALUE}.")
    private String precision;

    @Mixin
    private CudaOption cuda;

    private DeviceOptions options;
    private Devices.Selection selection;

    /** Refuses what cannot be meant, before anything is read or computed. */
    void check() {
        if (threads != null) {
            requireThreads(threads);
        }
        if (!Precision.titles().contains(precision)) {
            throw new UsageException("--precision is '" + precision + "'; there are "
                    + String.join(", ", Precision.titles()));
        }
        cuda.check();
        options = cuda.chosen().in(new DeviceOptions(threads == null ? 0 : threads)
                .withPrecision(Precision.of(precision)));
        try {
            selection = Devices.select(name, options);
            Devices.requirePrecision(selection, options.precision());
        } catch (IllegalArgumentException e) {
            throw new UsageException("--device: " + e.getMessage());
        }
    }

    /** Refuses a number of threads that no machine has. */
    static void requireThreads(int threads) {
        if (threads < 1 || threads > MAX_THREADS) {
            throw new UsageException("--threads is " + threads + "; it must be from 1 to " + MAX_THREADS);
        }
    }

    Device open() {
        return Devices.open(selection, options);
    }

    /** The same; if {@code auto} took another than the usual one, says on standard error which and why. */
    Device open(Console console) {
        String taken = selection.provider().name();
        Device opened = open();
        selection.why().filter(reason -> !taken.equals(USUAL)).ifPresent(reason ->
                console.err().printf("charlstm: computing on %s: %s%n", taken, reason));
        return opened;
    }

    /** Why {@code auto} took the device; empty if it was asked for by name. */
    Optional<String> why() {
        return selection.why();
    }
}
