package org.charlstm.cli;

import java.util.Objects;
import java.util.Optional;
import org.charlstm.cuda.Precision;
import org.charlstm.device.Device;
import org.charlstm.device.DeviceOptions;
import org.charlstm.device.Devices;
import org.jspecify.annotations.Nullable;
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
                    + "second GPU), cudasim (the simulated GPU), or reference (slow, in double). "
                    + "Default: ${DEFAULT-VALUE}.")
    private String name;

    @Option(names = "--threads", paramLabel = "N", description = "Threads of the cpu device. Default: all processors.")
    private @Nullable Integer threads;

    @Option(names = "--precision", paramLabel = "PRECISION",
            completionCandidates = Choices.OfPrecision.class, defaultValue = "float32",
            description = "How exactly a GPU computes: float32, tf32, or bf16. Default: ${DEFAULT-VALUE}.")
    private String precision;

    @Mixin
    private CudaOption cuda;

    /** Null before {@link #check}. */
    private @Nullable Chosen chosen;

    private record Chosen(Devices.Selection selection, DeviceOptions options) {
    }

    /** Refuses what cannot be meant, before anything is read or computed. */
    void check() {
        if (threads != null) {
            requireThreads(threads);
        }
        UsageException.requireOneOf("--precision", precision, Precision.titles());
        DeviceOptions options = new DeviceOptions(threads == null ? 0 : threads, 0, Precision.of(precision),
                cuda.chosen());
        try {
            Devices.Selection selection = Devices.select(name, options);
            Devices.requirePrecision(selection, options.precision());
            chosen = new Chosen(selection, options);
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

    private Chosen chosen() {
        return Objects.requireNonNull(chosen, "options are checked first");
    }

    Device open() {
        return Devices.open(chosen().selection, chosen().options);
    }

    /**
     * The same for one of several processes.
     *
     * @param share threads, unless a number was asked for; 0 for all
     * @param gpu   which GPU, unless one was asked for by its number
     */
    Device open(int share, int gpu) {
        DeviceOptions options = chosen().options;
        Devices.Selection taken = chosen().selection;
        return Devices.open(taken.provider().numbered() && name.indexOf(':') < 0
                ? new Devices.Selection(taken.provider(), gpu, taken.why()) : taken,
                threads == null ? options.withThreads(share) : options);
    }

    /** The same; if {@code auto} took another than the usual one, says on standard error which and why. */
    Device open(Console console) {
        String taken = chosen().selection.provider().name();
        Device opened = open();
        why().filter(reason -> !taken.equals(USUAL))
                .ifPresent(reason -> console.say("charlstm: computing on " + taken + ": " + reason));
        return opened;
    }

    /** Why {@code auto} took the device; empty if it was asked for by name. */
    Optional<String> why() {
        return chosen().selection.why();
    }
}
