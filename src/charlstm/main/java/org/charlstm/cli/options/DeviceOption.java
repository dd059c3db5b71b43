package org.charlstm.cli.options;

import module java.base;
import org.charlstm.cli.console.Console;
import org.charlstm.cli.console.UsageException;
import org.charlstm.cli.options.TrainOption.Resumed;
import org.charlstm.cli.options.TrainOption.Section;
import org.charlstm.cuda.Binding;
import org.charlstm.cuda.Precision;
import org.charlstm.device.Device;
import org.charlstm.device.DeviceOptions;
import org.charlstm.device.DeviceProvider;
import org.charlstm.device.Devices;
import org.charlstm.device.GpuOptions;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The options that choose a device, shared by all commands that compute. */
public final class DeviceOption {
    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    /** The device that {@code auto} takes on most machines. */
    private static final String USUAL = "cpu";

    @Option(names = "--device", paramLabel = "DEVICE", completionCandidates = Names.class, defaultValue = Devices.AUTO,
            description = "The device: auto (a GPU if all that it needs is here, else cpu), cpu, cuda, cuda:1 (the "
                    + "second GPU), cudasim (the simulated GPU), or reference (slow, in double). Default: "
                    + "${DEFAULT-VALUE}.")
    @TrainOption(section = Section.MOST_USED, place = 2, resumed = Resumed.FREE)
    private String name;

    @Option(names = "--threads", paramLabel = "N", converter = Converters.Threads.class,
            description = "Threads of the cpu device. Default: all processors.")
    @TrainOption(section = Section.DEVICE, resumed = Resumed.FREE)
    private @Nullable Integer threads;

    @Option(names = "--precision", paramLabel = "PRECISION", defaultValue = "float32",
            description = "How exactly a GPU computes: float32, tf32, or bf16. Default: ${DEFAULT-VALUE}.")
    @TrainOption(section = Section.DEVICE, resumed = Resumed.SAME)
    private Precision precision;

    @Mixin
    private Gpu gpu;

    /** Null before {@link #check}. */
    private @Nullable Chosen chosen;

    private record Chosen(Devices.Selection selection, DeviceOptions options) {
    }

    /** Chooses the device, before anything is read or computed. */
    public void check() {
        DeviceOptions options = new DeviceOptions(threads == null ? 0 : threads, 0, precision, gpu.chosen());
        chosen = UsageException.checked("--device", () -> {
            Devices.Selection selection = Devices.select(name, options);
            return new Chosen(selection, options);
        });
        DeviceProvider taken = chosen.selection.provider();
        UsageException.when(precision != Precision.FLOAT32 && !taken.precisions(),
                "--precision is %s, which is for a GPU, and %s knows one precision; leave it out", precision,
                taken.name());
    }

    /** Starts loading, after {@link #check} and in parallel, what the first training steps would wait for. */
    public void warmUp() {
        chosen().selection.provider().warmUp();
    }

    /** The names of devices, for shell completion. */
    private static final class Names implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return Stream.concat(Stream.of(Devices.AUTO), Devices.providers().stream().map(DeviceProvider::name))
                    .iterator();
        }
    }

    /** How a GPU computes; for every command that may use a GPU. */
    public static final class Gpu {
        @Option(names = {"--rnn-engine", "--lstm"}, paramLabel = "ENGINE", defaultValue = "auto",
                description = "The engine of recurrent layers on a GPU: cudnn; fused, charlstm's own kernels that go "
                        + "through a whole sequence, for layers of at most 128 units; cluster, the same in bf16 by "
                        + "clusters of blocks, for at most 512 units, from compute capability 9.0 on; plain, "
                        + "charlstm's own, a step at a time; or auto, for each shape the fastest by measurement that "
                        + "agrees with plain. Plain serves where no other engine does. Default: ${DEFAULT-VALUE}.")
        @TrainOption(section = Section.DEVICE, resumed = Resumed.FREE)
        private GpuOptions.Engine rnnEngine;

        @Option(names = "--rnn-algo", paramLabel = "ALGORITHM", defaultValue = "auto", description = "The algorithm of "
                + "cuDNN: standard, persist-static, persist-dynamic or persist-static-small-h, each of which "
                + "implies --rnn-engine cudnn; or auto, the fastest. Default: ${DEFAULT-VALUE}.")
        @TrainOption(section = Section.DEVICE, resumed = Resumed.FREE)
        private GpuOptions.Algorithm rnnAlgorithm;

        @Option(names = "--no-graph",
                description = "Launch each step call by call on a GPU instead of replaying a recorded one: slower.")
        @TrainOption(section = Section.DEVICE, resumed = Resumed.FREE)
        private boolean noGraph;

        @Option(names = "--no-overlap",
                description = "Let nothing run on a GPU beside the time steps of recurrent layers: slower, the same "
                        + "bits.")
        @TrainOption(section = Section.DEVICE, resumed = Resumed.FREE)
        private boolean noOverlap;

        @Mixin
        private BindingOption binding;

        /** Says which options have no effect if no device is a GPU. */
        public void tellUnused(Console console, String devices) {
            List<String> unused = Stream.of(rnnEngine == GpuOptions.Engine.AUTO ? "" : "--rnn-engine",
                    rnnAlgorithm == GpuOptions.Algorithm.AUTO ? "" : "--rnn-algo", noGraph ? "--no-graph" : "",
                    noOverlap ? "--no-overlap" : "").filter(option -> !option.isEmpty()).toList();
            if (!unused.isEmpty()) {
                console.warn(String.join(", ", unused) + (unused.size() == 1 ? " is" : " are")
                        + " for a GPU, without effect on " + devices);
            }
        }

        /** The options as chosen; refuses a cuDNN algorithm with another engine. */
        public GpuOptions chosen() {
            try {
                return new GpuOptions(rnnEngine, rnnAlgorithm, !noGraph, !noOverlap, binding.cudaBinding());
            } catch (IllegalArgumentException e) {
                throw new UsageException(
                        "--rnn-algo is " + rnnAlgorithm + ", an algorithm of cuDNN's, but --rnn-engine is "
                                + rnnEngine + "; leave one of them out");
            }
        }
    }

    /** How NVIDIA's libraries are called; for every command that may use or look for a GPU. */
    public static final class BindingOption {
        @Option(names = "--cuda-binding", paramLabel = "BINDING", defaultValue = "auto",
                description = "How NVIDIA's libraries are called: panama, jcuda, or auto (panama if it finds all that "
                        + "a GPU needs, else jcuda). Default: ${DEFAULT-VALUE}.")
        @TrainOption(section = Section.DEVICE, resumed = Resumed.FREE)
        private Binding cudaBinding;

        public Binding cudaBinding() {
            return cudaBinding;
        }
    }

    private Chosen chosen() {
        return Objects.requireNonNull(chosen, "options are checked first");
    }

    public Device open() {
        return opened(chosen().selection, chosen().options);
    }

    private Device opened(Devices.Selection taken, DeviceOptions options) {
        if (!taken.provider().precisions()) {
            gpu.tellUnused(((Subcommand) command.userObject()).console(), taken.provider().name());
        }
        return Devices.open(taken, options);
    }

    /**
     * Opens the device with {@code share} threads, 0 for all, and GPU {@code number}, unless the options name others.
     */
    public Device open(int share, int number) {
        DeviceOptions options = chosen().options;
        Devices.Selection taken = chosen().selection;
        return opened(taken.provider().numbered() && name.indexOf(':') < 0
                ? new Devices.Selection(taken.provider(), number, taken.why()) : taken,
                threads == null ? options.withThreads(share) : options);
    }

    /** Opens the device. If {@code auto} took an unusual device, standard error says which, and why. */
    public Device open(Console console) {
        String taken = chosen().selection.provider().name();
        Device opened = open();
        why().filter(reason -> !taken.equals(USUAL))
                .ifPresent(reason -> console.say("charlstm: computing on " + taken + ": " + reason));
        return opened;
    }

    /** Why {@code auto} took the device; empty if the device was named. */
    public Optional<String> why() {
        return chosen().selection.why();
    }
}
