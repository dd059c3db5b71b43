package org.charlstm.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.charlstm.Quantity;
import org.charlstm.ShellWord;
import org.charlstm.bench.Configuration;
import org.charlstm.bench.DeviceSetup;
import org.charlstm.bench.Grid;
import org.charlstm.bench.GridRun;
import org.charlstm.bench.TextSource;
import org.charlstm.device.DeviceOptions;
import org.charlstm.device.GpuOptions;
import org.charlstm.io.PreprocessingJson;
import org.charlstm.run.OutFolder;
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
    private static final Pattern PART = Pattern.compile("([1-9][0-9]{0,8})/([1-9][0-9]{0,8})");

    @Mixin
    private GridOption grid;
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
        Grid.Protocol protocol = new Grid.Protocol(epochs, repeats, warmUp, chosen);
        List<Configuration> configurations = grid.configurations(DeviceOptions.DEFAULT.with(chosen));
        Grid.Part taken = part(configurations);
        for (Configuration each : configurations) {
            UsageException.when(window != null && !each.padding().equals(PaddingMode.LAB.toString()),
                    "--padding has %s, but running text has none; leave it out", each.padding());
        }
        TextSource source = new TextSource(text == null ? null
                : text.stream().map(file -> file.toAbsolutePath().toString()).toList(), options.encoding,
                options.maxSamples == null ? 0 : options.maxSamples, Objects.toString(options.limit(), null),
                PreprocessingJson.of(options.preprocessing(null)), window == null ? 0 : window);
        Captions captions = source.read();
        TextSource.Summary summary = TextSource.Summary.of(captions, source.encode(captions));
        for (Configuration each : configurations) {
            UsageException.when(each.batchSize() > captions.size(),
                    "--batch-sizes has %s, but %s has %s; no batch would be that large", each.batchSize(),
                    captions.source(), Quantity.of(summary.captions(), summary.unit()));
        }
        return measure(new Grid(source, protocol, taken == null ? configurations : taken.configurations(), taken),
                summary);
    }

    private Grid.@Nullable Part part(List<Configuration> configurations) {
        if (part == null) {
            return null;
        }
        Matcher matcher = PART.matcher(part);
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
            // Last, so that an experiment that cannot start leaves no folder.
            Path folder = OutFolder.prepare(out, force).path();
            try (GridRun run =
                    GridRun.open(new GridRun.Plan(measured, summary, devices.get(), words()), folder, force,
                            interruption::requested)) {
                BenchConsole progress = new BenchConsole(console, summary);
                progress.begin(measured, devices.get(), folder);
                boolean whole = run.measure(progress);
                if (!whole) {
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
