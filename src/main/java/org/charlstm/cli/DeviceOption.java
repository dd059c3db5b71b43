package org.charlstm.cli;

import java.util.Optional;
import org.charlstm.device.Device;
import org.charlstm.device.DeviceOptions;
import org.charlstm.device.Devices;
import org.charlstm.device.Precision;
import picocli.CommandLine.Option;

/** The options that choose a device, the same for every command that computes. */
final class DeviceOption {
    /** What {@code auto} takes on most machines. */
    private static final String USUAL = "cpu";
    /** More than any machine has. */
    private static final int MAX_THREADS = 4096;

    @Option(names = "--device", paramLabel = "NAME", defaultValue = Devices.AUTO,
            description = "What computes: auto (a GPU if all that it needs is here, else cpu), cpu, cuda, cuda:1 (the "
            + "second GPU), cudasim (the simulated GPU), or reference (slow, in double). Default: ${DEFAULT-VALUE}.")
    private String name;

    @Option(names = "--threads", paramLabel = "N", description = "Threads of the cpu device. Default: all processors.")
    private Integer threads;

    @Option(names = "--rnn-algo", paramLabel = "NAME", defaultValue = "auto",
            description = "How cuDNN runs the LSTM: auto (the fastest by measurement), standard, persist-static, "
            + "persist-dynamic, or persist-static-small-h. Default: ${DEFAULT-VALUE}.")
    private String rnnAlgorithm;

    @Option(names = "--precision", paramLabel = "NAME", defaultValue = "float32",
            description = "How exactly a GPU computes: float32, tf32, or bf16. Default: ${DEFAULT-VALUE}.")
    private String precision;

    @Option(names = "--no-graph",
            description = "Tell a GPU each step call by call, rather than replay a recorded one: slower.")
    private boolean noGraph;

    @Option(names = "--cuda-binding", paramLabel = "NAME", defaultValue = DeviceOptions.AUTO_BINDING,
            description = "How NVIDIA's libraries are called: panama, jcuda, or auto (panama if it finds all that a "
            + "GPU needs, else jcuda). Default: ${DEFAULT-VALUE}.")
    private String cudaBinding;

    private DeviceOptions options;
    private Devices.Selection selection;

    /** Refuses what cannot be meant, before anything is read or computed. */
    void check() {
        if (threads != null && (threads < 1 || threads > MAX_THREADS)) {
            throw new UsageException("--threads is " + threads + "; it must be from 1 to " + MAX_THREADS);
        }
        if (!DeviceOptions.RNN_ALGORITHMS.contains(rnnAlgorithm)) {
            throw new UsageException("--rnn-algo is '" + rnnAlgorithm + "'; there are "
                    + String.join(", ", DeviceOptions.RNN_ALGORITHMS));
        }
        if (!Precision.titles().contains(precision)) {
            throw new UsageException("--precision is '" + precision + "'; there are "
                    + String.join(", ", Precision.titles()));
        }
        if (!DeviceOptions.CUDA_BINDINGS.contains(cudaBinding)) {
            throw new UsageException("--cuda-binding is '" + cudaBinding + "'; there are "
                    + String.join(", ", DeviceOptions.CUDA_BINDINGS));
        }
        options = new DeviceOptions(threads == null ? 0 : threads, 0, rnnAlgorithm, !noGraph, Precision.of(precision),
                cudaBinding);
        try {
            selection = Devices.select(name, options);
            Devices.requirePrecision(selection, options.precision());
        } catch (IllegalArgumentException e) {
            throw new UsageException("--device: " + e.getMessage());
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
