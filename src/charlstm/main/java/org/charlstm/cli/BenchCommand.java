package org.charlstm.cli;

import module java.base;
import org.charlstm.base.Quantity;
import org.charlstm.base.ShellWord;
import org.charlstm.bench.Configuration;
import org.charlstm.bench.DeviceSetup;
import org.charlstm.bench.Grid;
import org.charlstm.bench.GridRun;
import org.charlstm.bench.TextSource;
import org.charlstm.cli.console.Console;
import org.charlstm.cli.console.Interruption;
import org.charlstm.cli.console.Spelling;
import org.charlstm.cli.console.UsageException;
import org.charlstm.cli.options.Converters;
import org.charlstm.cli.options.DeviceOption;
import org.charlstm.cli.options.Subcommand;
import org.charlstm.cli.options.TextOptions;
import org.charlstm.cuda.Precision;
import org.charlstm.device.DeviceOptions;
import org.charlstm.device.Devices;
import org.charlstm.device.GpuOptions;
import org.charlstm.device.RecurrentActivation;
import org.charlstm.device.RecurrentCell;
import org.charlstm.device.UpdateRule;
import org.charlstm.io.format.PreprocessingJson;
import org.charlstm.run.folder.OutFolder;
import org.charlstm.text.Captions;
import org.charlstm.text.TextInput;
import org.charlstm.train.PaddingMode;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "bench", sortOptions = false,
        subcommands = {BenchCompareCommand.class, BenchMergeCommand.class},
        description = {"Measures how long an epoch takes, for every combination of the values that the options list: "
                + "devices, batch sizes and so on. Each measurement is made in a process of its own.",
            "The same command line with the same --out goes on with what was interrupted."})
final class BenchCommand extends Subcommand {
    private static final String COMMA = " *, *";

    @Option(names = "--devices", paramLabel = "LIST", split = COMMA, hideParamSyntax = true,
            defaultValue = Devices.AUTO,
            description = "Devices, for example cpu,cuda, by the names of --device of train. "
                    + "Default: ${DEFAULT-VALUE}.")
    private List<String> devices;

    @Option(names = "--batch-sizes", paramLabel = "LIST", split = COMMA, hideParamSyntax = true,
            converter = Converters.FromOne.class, defaultValue = "128",
            description = "Captions in a step, for example 32,64,128. Default: ${DEFAULT-VALUE}, or all of a text "
                    + "that has fewer.")
    private List<Integer> batchSizes;

    @Option(names = "--hidden", paramLabel = "LIST", split = COMMA, hideParamSyntax = true,
            converter = Converters.FromOne.class, defaultValue = "128",
            description = "Units of the recurrent layers. Default: ${DEFAULT-VALUE}.")
    private List<Integer> hidden;

    @Option(names = "--layers", paramLabel = "LIST", split = COMMA, hideParamSyntax = true,
            converter = Converters.FromOne.class, defaultValue = "1",
            description = "Recurrent layers. Default: ${DEFAULT-VALUE}.")
    private List<Integer> layers;

    @Option(names = "--dense", paramLabel = "LIST", split = COMMA, hideParamSyntax = true,
            converter = Converters.FromZero.class, defaultValue = "128",
            description = "Units of the middle layer, 0 to leave it out. Default: ${DEFAULT-VALUE}.")
    private List<Integer> dense;

    @Option(names = "--cell", paramLabel = "LIST", split = COMMA, hideParamSyntax = true, defaultValue = "lstm",
            description = "Cells of the recurrent layers: lstm, gru, rnn, rnn-relu. Default: ${DEFAULT-VALUE}.")
    private List<RecurrentCell.Named> cells;

    @Option(names = "--recurrent-activation", paramLabel = "LIST", split = COMMA, hideParamSyntax = true,
            defaultValue = "sigmoid",
            description = "Activations of the gates of LSTM and GRU: sigmoid, or hard_sigmoid as in "
                    + "Keras up to 2.2. Default: ${DEFAULT-VALUE}.")
    private List<RecurrentActivation> recurrentActivations;

    @Option(names = "--optimizer", paramLabel = "LIST", split = COMMA, hideParamSyntax = true, defaultValue = "rmsprop",
            description = "Update rules, each at its usual rate: rmsprop, adam, adamw, sgd. Default: ${DEFAULT-VALUE}.")
    private List<UpdateRule.Named> optimizers;

    @Option(names = "--learning-rate", paramLabel = "X", description = "The learning rate of all. Default: the usual "
            + "one of each, as in train.")
    private @Nullable Double learningRate;

    @Option(names = "--clip-norm", paramLabel = "X", converter = Converters.Finite.class,
            description = "Scale the gradients of an update down to this norm where theirs is larger. Default: never.")
    private @Nullable Double clipNorm;

    @Option(names = "--padding", paramLabel = "LIST", split = COMMA, hideParamSyntax = true, defaultValue = "lab",
            description = "The end symbols that pad captions, as in train: lab, mask, bucket. Default: "
                    + "${DEFAULT-VALUE}.")
    private List<PaddingMode> paddings;

    @Option(names = "--precision", paramLabel = "LIST", split = COMMA, hideParamSyntax = true, defaultValue = "float32",
            description = "How exactly a GPU computes: float32, tf32, bf16. A device that knows one precision is "
                    + "measured in that. Default: ${DEFAULT-VALUE}.")
    private List<Precision> precisions;

    @Option(names = "--threads", paramLabel = "LIST", split = COMMA, hideParamSyntax = true,
            converter = Converters.Threads.class, description = "Threads of the cpu device. Default: all processors.")
    private @Nullable List<Integer> threads;

    @Mixin
    private DeviceOption.Gpu gpu;
    @Mixin
    private TextOptions options;

    @Parameters(arity = "0..*", paramLabel = "TEXT", description = "Captions, one a line: files, packed by gzip or "
            + "not, COCO's JSON, or folders of them. Default: 10,000 built-in generated captions.")
    private @Nullable List<Path> text;

    @Option(names = "--window", paramLabel = "T", converter = Converters.Steps.class,
            description = "Take the text as running text, without start and end symbols, in windows of T steps.")
    private @Nullable Integer window;

    @Option(names = "--epochs", paramLabel = "N", defaultValue = "5", converter = Converters.FromOne.class,
            description = "Epochs that count, in each repeat. Default: ${DEFAULT-VALUE}.")
    private int epochs;

    @Option(names = "--repeat", paramLabel = "N", defaultValue = "3", converter = Converters.FromOne.class,
            description = "How often each configuration is measured; every one is before any is again. Default: "
                    + "${DEFAULT-VALUE}.")
    private int repeats;

    @Option(names = "--warm-up", paramLabel = "N", defaultValue = "1", converter = Converters.FromZero.class,
            description = "Epochs before those that count, in each repeat. Default: ${DEFAULT-VALUE}.")
    private int warmUp;

    @Option(names = "--part", paramLabel = "K/N", description = "Measure the Kth of N parts of the grid only: every "
            + "Nth configuration. bench merge puts the parts together.")
    private @Nullable String part;

    @Option(names = "--out", paramLabel = "DIR", converter = Converters.Folder.class,
            description = "Where results go. Default: a fresh folder under runs/.")
    private @Nullable Path out;

    @Option(names = "--force", description = "Start anew where --out holds another experiment or a run.")
    private boolean force;

    @Override
    public Integer call() {
        requireNoMistypedCommand();
        options.check();
        if (text == null) {
            options.requireNoEncoding();
        }
        UsageException.when(text != null && text.contains(TextInput.STANDARD_INPUT), "- is no text for bench: each "
                + "measurement reads the text anew, and standard input can be read once; name a file");
        if (window != null) {
            UsageException.when(text == null,
                    "--window is %s, but no text is named; the built-in captions are no running text", window);
            UsageException.when(options.limit() != null,
                    "--max-caption is %s, but running text has no captions; leave it out", options.limit());
        }
        GpuOptions chosen = gpu.chosen();
        Grid.Protocol protocol = new Grid.Protocol(epochs, repeats, warmUp, chosen).updating(learningRate, clipNorm);
        List<Configuration> listed = configurations(DeviceOptions.DEFAULT.with(chosen));
        for (Configuration each : listed) {
            UsageException.when(window != null && !each.padding().equals(PaddingMode.LAB.toString()),
                    "--padding has %s, but running text has none; leave it out", each.padding());
        }
        UsageException.checked(clipNorm == null ? "--learning-rate" : "--learning-rate, --clip-norm",
                () -> protocol.training(listed.getFirst()));
        TextSource source = new TextSource(text == null ? null
                : text.stream().map(file -> file.toAbsolutePath().toString()).toList(), options.encoding(),
                options.samplesOr(0), Objects.toString(options.limit(), null),
                PreprocessingJson.of(options.preprocessing(null)), window == null ? 0 : window);
        Captions captions = source.read();
        TextSource.Summary summary = TextSource.Summary.of(captions, source.encode(captions));
        List<Configuration> configurations = given("--batch-sizes").isEmpty()
                ? listed.stream().map(each -> each.batchOfAtMost(captions.size())).toList() : listed;
        Grid.Part taken = part(configurations);
        for (Configuration each : configurations) {
            UsageException.when(each.batchSize() > captions.size(),
                    "--batch-sizes has %s, but %s has %s; no batch would be that large", each.batchSize(),
                    captions.source(), Quantity.of(summary.captions(), summary.unit()));
        }
        return measure(new Grid(source, protocol, taken == null ? configurations : taken.configurations(), taken),
                summary);
    }

    /** Refuses a first word that names no file and resembles the name of a subcommand of bench. */
    private void requireNoMistypedCommand() {
        if (text != null && !Files.exists(text.getFirst())) {
            String word = text.getFirst().toString();
            spec.subcommands().keySet().stream().filter(name -> Spelling.isNearly(word, name)).findFirst()
                    .ifPresent(name -> {
                        throw new UsageException("there is no text " + word + "; did you mean "
                                + console().command("bench", name) + "?");
                    });
        }
    }

    /** Every configuration once, in the order of the options' values. */
    private List<Configuration> configurations(DeviceOptions deviceOptions) {
        spec.options().stream().filter(option -> option.isMultiValue() && option.getValue() != null)
                .forEach(option -> UsageException.requireDistinct(option.longestName(), option.getValue()));
        Set<Configuration> all = new LinkedHashSet<>();
        for (DeviceSetup setup : setups(deviceOptions)) {
            for (PaddingMode padding : paddings) {
                for (UpdateRule.Named optimizer : optimizers) {
                    for (List<String> cell : cellsWithGates()) {
                        for (int l : layers) {
                            for (int h : hidden) {
                                for (int d : dense) {
                                    batchSizes.forEach(batch -> all.add(new Configuration(setup.device(),
                                            setup.precision(), setup.threads(), batch, h, l, d, cell.getFirst(),
                                            cell.getLast(), optimizer.toString(), padding.toString())));
                                }
                            }
                        }
                    }
                }
            }
        }
        return List.copyOf(all);
    }

    /** Each cell with the name of each activation of its gates; a cell without gates comes once. */
    private List<List<String>> cellsWithGates() {
        return cells.stream().flatMap(cell -> recurrentActivations.stream().map(gates -> List.of(cell.toString(),
                cell.with(gates, true).options().getOrDefault(RecurrentCell.GATES, Configuration.WITHOUT_GATES))))
                .distinct().toList();
    }

    private Set<DeviceSetup> setups(DeviceOptions deviceOptions) {
        List<Integer> counts = threads == null ? List.of(Runtime.getRuntime().availableProcessors()) : threads;
        Set<DeviceSetup> setups = new LinkedHashSet<>();
        Set<String> others = new LinkedHashSet<>();
        for (String name : devices) {
            Devices.Selection selection =
                    UsageException.checked("--devices", () -> Devices.select(name, deviceOptions));
            String taken = selection.provider().name() + (name.contains(":") ? name.substring(name.indexOf(':')) : "");
            if (!selection.provider().precisions()) {
                others.add(taken);
            }
            List<Precision> known = selection.provider().precisions() ? precisions
                    : precisions.stream().filter(Precision.FLOAT32::equals).toList();
            UsageException.when(known.isEmpty(), "--precision is %s, but %s knows one precision; add float32 for it",
                    precisions.stream().map(Precision::toString).collect(Collectors.joining(",")), taken);
            for (Precision precision : known) {
                for (int count : taken.equals("cpu") ? counts : List.of(0)) {
                    setups.add(new DeviceSetup(taken, precision.toString(), count));
                }
            }
        }
        if (others.size() == setups.stream().map(DeviceSetup::device).distinct().count()) {
            gpu.tellUnused(console(), String.join(", ", others));
        }
        return setups;
    }

    private Grid.@Nullable Part part(List<Configuration> configurations) {
        if (part == null) {
            return null;
        }
        Matcher matcher = Pattern.compile("([1-9][0-9]{0,8})/([1-9][0-9]{0,8})").matcher(part);
        UsageException.when(!matcher.matches()
                || Integer.parseInt(matcher.group(1)) > Integer.parseInt(matcher.group(2)),
                "--part is '%s'; it must be K/N with K from 1 to N, for example 2/4", part);
        Grid.Part asked =
                new Grid.Part(Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2)), configurations);
        UsageException.when(asked.number() > configurations.size(),
                "--part is '%s', but the grid has %s; no more parts than that have any", part,
                Quantity.of(configurations.size(), "configurations"));
        return asked;
    }

    private int measure(Grid measured, TextSource.Summary summary) {
        Console console = console();
        try (Interruption interruption = new Interruption(console, "ending the measurement", () -> {})) {
            Optional<List<DeviceSetup.Summary>> devices = GridRun.devices(measured, interruption::requested);
            if (devices.isEmpty()) {
                return interruption.code(Main.INTERRUPTED);
            }
            // Done last, so an experiment that cannot start leaves no folder.
            Path folder = OutFolder.prepare(out, force).path();
            try (GridRun run = GridRun.open(new GridRun.Plan(measured, summary, devices.get(), words()), folder, force,
                    interruption::requested)) {
                BenchConsole progress = new BenchConsole(console, summary);
                progress.begin(measured, devices.get(), folder);
                if (!run.measure(progress)) {
                    console.say("charlstm: interrupted; the same command goes on from here with --out "
                            + ShellWord.of(folder));
                    return interruption.code(Main.INTERRUPTED);
                }
                return BenchConsole.print(console, run.results(), folder, measured.part() == null
                        ? "; beside others: " + console.command("bench", "compare", folder) + " OTHER"
                        : "; with the other parts: " + console.command("bench", "merge", folder)
                                + " OTHER... --out DIR");
            }
        }
    }
}
