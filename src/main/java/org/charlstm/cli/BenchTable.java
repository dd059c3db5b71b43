package org.charlstm.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.BinaryOperator;
import java.util.stream.Collectors;
import org.charlstm.bench.Configuration;
import org.charlstm.bench.Measurement.Status;
import org.charlstm.bench.ResultRow;
import org.charlstm.bench.Results;
import org.charlstm.train.OperationTime;
import org.charlstm.train.Spread;
import org.jspecify.annotations.Nullable;

/** An experiment's results for people. */
final class BenchTable {
    private static final String FIGURES = "  %9s %-19s %12s %10s %6s %9s %9s";
    /** Operations that are told apart; the rest go together. */
    private static final int OPERATIONS = 5;

    private BenchTable() {
    }

    static List<String> lines(Results results) {
        List<String> lines = new ArrayList<>();
        List<Configuration> all = results.rows().stream().map(ResultRow::configuration).toList();
        lines.add(head(all) + String.format(FIGURES, "s/epoch",
                "[min, max]", "characters/s", "GFLOP/s", "share", "host MiB", "GPU MiB"));
        results.rows().forEach(row -> lines.add(line(sizes(row.configuration(), all), row)));
        lines.add("");
        lines.add("Operations of a training step, told call by call:");
        results.rows().stream().filter(row -> !row.operations().isEmpty())
                .forEach(row -> lines.add(row.configuration().label() + ": " + operations(row.operations())));
        return lines;
    }

    /** The names of the columns that say what was measured: those of which any of the configurations tells. */
    static String head(List<Configuration> all) {
        return columns(all.getFirst(), all, (name, value) -> Configuration.word(name));
    }

    /** Those columns of one of the configurations. */
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
                    case "recurrent_activation" -> " %-20s";
                    default -> " %6s";
                }, cell.apply(name, value)));
            }
        });
        return line.toString();
    }

    /** Why there are no figures. */
    static String without(Status status, @Nullable String message) {
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
        return (sizes + String.format(Locale.ROOT, FIGURES, seconds(seconds.median()), range(seconds),
                String.format(Locale.ROOT, "%,.0f", speed.median()),
                row.flopsPerSecond() == null ? "" : String.format(Locale.ROOT, "%,.1f", row.flopsPerSecond() * 1e-9),
                row.shareOfCeiling() == null ? "" : String.format(Locale.ROOT, "%.0f%%", 100 * row.shareOfCeiling()),
                mebibytes(row.peakHostBytes()),
                Objects.equals(row.peakDeviceBytes(), 0L) ? "" : mebibytes(row.peakDeviceBytes()))).stripTrailing();
    }

    /** Seconds in four digits or so. */
    static String seconds(double seconds) {
        return String.format(Locale.ROOT, seconds < 10 ? "%.3f" : "%.1f", seconds);
    }

    private static String range(Spread spread) {
        return spread.isSingle() ? "one figure" : "[" + seconds(spread.min()) + ", " + seconds(spread.max()) + "]";
    }

    private static String mebibytes(@Nullable Long bytes) {
        return bytes == null ? "" : String.format(Locale.ROOT, "%,d", bytes >> 20);
    }

    private static String operations(List<OperationTime> operations) {
        double total = operations.stream().mapToDouble(OperationTime::seconds).sum();
        List<OperationTime> sorted = operations.stream()
                .sorted((a, b) -> Double.compare(b.seconds(), a.seconds())).toList();
        List<OperationTime> shown = sorted.subList(0, Math.min(OPERATIONS, sorted.size()));
        double rest = total - shown.stream().mapToDouble(OperationTime::seconds).sum();
        return String.format(Locale.ROOT, "%.3f ms: ", 1e3 * total)
                + shown.stream()
                        .map(each -> String.format(Locale.ROOT, "%s %.0f%%", each.name(), 100 * each.seconds() / total))
                        .collect(Collectors.joining(", "))
                + String.format(Locale.ROOT, ", the rest %.0f%%",
                        100 * rest / total);
    }
}
