package org.charlstm.cli;

import com.google.errorprone.annotations.FormatMethod;
import java.lang.management.ManagementFactory;
import module java.base;
import org.charlstm.base.Quantity;
import org.charlstm.base.Spread;
import org.charlstm.bench.Configuration;
import org.charlstm.bench.DeviceSetup;
import org.charlstm.bench.Grid;
import org.charlstm.bench.GridRun;
import org.charlstm.bench.Measurement;
import org.charlstm.bench.Measurement.Status;
import org.charlstm.bench.ResultRow;
import org.charlstm.bench.Results;
import org.charlstm.bench.TextSource;
import org.charlstm.cli.console.Console;
import org.charlstm.report.Report;
import org.charlstm.train.OperationTime;
import org.jspecify.annotations.Nullable;

/** Shows an experiment on the console: one line per measurement on standard error, and a table of the results. */
final class BenchConsole implements GridRun.Progress {
    private static final String FIGURES = "  %9s %-19s %12s %10s %6s %9s %9s";
    /** How many operations are listed separately; the rest are summed. */
    private static final int OPERATIONS = 5;

    private final Console console;
    private final TextSource.Summary text;
    private final long start = System.nanoTime();
    private int made;

    BenchConsole(Console console, TextSource.Summary text) {
        this.console = console;
        this.text = text;
    }

    /** A warning if a machine is busy with other work. A negative load means that the load is unknown. */
    static Optional<String> busy(double load, int processors) {
        // A bench that has just ended leaves a load of up to the number of processors.
        return load < processors + 1 ? Optional.empty()
                : Optional.of(String.format(Locale.ROOT, "the load of the last minute is %.1f on %s: others compute "
                        + "here too, and epochs take longer than they would alone; measure when it is idle", load,
                        Quantity.of(processors, "processors")));
    }

    void begin(Grid grid, List<DeviceSetup.Summary> devices, Path folder) {
        busy(ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage(),
                Runtime.getRuntime().availableProcessors()).ifPresent(console::warn);
        say("%s from %s, %s, %d symbols", Quantity.of(text.captions(), text.unit()), text.source(),
                Quantity.of(text.steps(), "time steps"), text.symbols());
        devices.forEach(device -> say("%s %s: %s", device.device(), device.precision(), device.description()));
        if (grid.part() != null) {
            say("part %s of %s", grid.part().title(), Quantity.of(grid.part().grid().size(), "configurations"));
        }
        say("%s, %s, %s after %d to warm up; into %s", Quantity.of(grid.configurations().size(), "configurations"),
                Quantity.of(grid.protocol().repeats(), "repeats"), Quantity.of(grid.protocol().epochs(), "epochs"),
                grid.protocol().warmUp(), folder);
    }

    @Override
    public void measured(int done, int total, int repeat, Configuration configuration, Measurement measurement) {
        made++;
        String found;
        if (measurement.status() == Status.MEASURED) {
            Spread seconds = Spread.of(measurement.seconds());
            found = String.format(Locale.ROOT, "%.3f s an epoch, %,.0f characters/s%s", seconds.median(),
                    text.charactersOfEpoch(configuration) / seconds.median(),
                    measurement.message() == null ? "" : "; " + measurement.message());
        } else {
            found = without(measurement.status(), measurement.message());
        }
        double left = (System.nanoTime() - start) * 1e-9 / made * (total - done);
        say("%d/%d  %s: %s%s", done, total, configuration.label(), found, done == total ? ""
                : String.format(Locale.ROOT, "; %d:%02d left", (int) left / 60, (int) left % 60));
    }

    @FormatMethod
    private void say(String format, Object... values) {
        console.say(String.format(Locale.ROOT, format, values));
    }

    /** Writes the report, prints the table and the paths of the results and the report, and returns the exit code. */
    static int print(Console console, Results results, Path folder, String more) {
        Report.of(folder).write();
        lines(results).forEach(console::line);
        console.line("");
        console.line("report: %s", folder.resolve(Report.NAME));
        console.line("results in %s%s", folder, more);
        return results.rows().stream().anyMatch(row -> row.status() == Status.FAILED) ? Main.FAILED : 0;
    }

    private static List<String> lines(Results results) {
        List<String> lines = new ArrayList<>();
        List<Configuration> all = results.rows().stream().map(ResultRow::configuration).toList();
        lines.add(head(all) + String.format(FIGURES, "s/epoch",
                "[min, max]", "characters/s", "GFLOP/s", "share", "host MiB", "GPU MiB"));
        results.rows().forEach(row -> lines.add(line(sizes(row.configuration(), all), row)));
        lines.add("");
        lines.add("Operations of a training step, told call by call:");
        results.rows().stream().filter(row -> !row.operations().isEmpty())
                .forEach(row -> lines.add(row.configuration().label() + ": " + operations(row.operations())));
        results.rows().stream().filter(row -> row.waveBatch() != null)
                .forEach(row -> lines.add(row.configuration().label() + ": time steps of batches up to "
                        + row.waveBatch() + " take no more waves of multiprocessors"));
        return lines;
    }

    /** The names of the configurations' columns; a column appears if any configuration's label has it. */
    static String head(List<Configuration> all) {
        return columns(all.getFirst(), all, (name, value) -> Configuration.word(name));
    }

    static String sizes(Configuration configuration, List<Configuration> all) {
        return columns(configuration, all, (name, value) -> value);
    }

    private static String columns(Configuration configuration, List<Configuration> all, BinaryOperator<String> cell) {
        StringBuilder line = new StringBuilder();
        configuration.values().forEach((name, value) -> {
            if (all.stream().anyMatch(each -> each.isLabelled(name))) {
                line.append(String.format(switch (name) {
                    case "device" -> "%-10s";
                    case "precision" -> " %-9s";
                    case "threads" -> " %7s";
                    case "cell" -> " %-8s";
                    case "recurrent_activation" -> " %-20s";
                    default -> " %6s";
                }, cell.apply(name, value)));
            }
        });
        return line.toString();
    }

    private static String without(Status status, @Nullable String message) {
        String what = switch (status) {
            case DOES_NOT_FIT -> "does not fit";
            case FAILED -> "FAILED";
            case UNFINISHED -> "unfinished";
            case MEASURED -> "measured";
        };
        return message == null ? what : what + ": " + message;
    }

    private static String line(String sizes, ResultRow row) {
        Spread seconds = row.seconds();
        Spread speed = row.charactersPerSecond();
        if (row.status() != Status.MEASURED || seconds == null || speed == null) {
            return sizes + "  " + without(row.status(), row.message());
        }
        String range =
                seconds.isSingle() ? "one figure" : "[" + seconds(seconds.min()) + ", " + seconds(seconds.max()) + "]";
        return (sizes + String.format(Locale.ROOT, FIGURES, seconds(seconds.median()), range,
                String.format(Locale.ROOT, "%,.0f", speed.median()),
                row.flopsPerSecond() == null ? "" : String.format(Locale.ROOT, "%,.1f", row.flopsPerSecond() * 1e-9),
                row.shareOfCeiling() == null ? "" : String.format(Locale.ROOT, "%.0f%%", 100 * row.shareOfCeiling()),
                mebibytes(row.peakHostBytes()),
                Objects.equals(row.peakDeviceBytes(), 0L) ? "" : mebibytes(row.peakDeviceBytes()))
                + (row.message() == null ? "" : "  diverged")).stripTrailing();
    }

    static String seconds(double seconds) {
        return String.format(Locale.ROOT, seconds < 10 ? "%.3f" : "%.1f", seconds);
    }

    private static String mebibytes(@Nullable Long bytes) {
        return bytes == null ? "" : String.format(Locale.ROOT, "%,d", bytes >> 20);
    }

    private static String operations(List<OperationTime> operations) {
        double total = operations.stream().mapToDouble(OperationTime::seconds).sum();
        List<OperationTime> shown = operations.stream().sorted((a, b) -> Double.compare(b.seconds(), a.seconds()))
                .limit(OPERATIONS).toList();
        double rest = total - shown.stream().mapToDouble(OperationTime::seconds).sum();
        return String.format(Locale.ROOT, "%.3f ms: ", 1e3 * total) + shown.stream()
                .map(each -> String.format(Locale.ROOT, "%s %.0f%%", each.name(), 100 * each.seconds() / total))
                .collect(Collectors.joining(", "))
                + String.format(Locale.ROOT, ", the rest %.0f%%", 100 * rest / total);
    }
}
