package org.charlstm.cli;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.base.Json;
import org.charlstm.bench.Configuration;
import org.charlstm.bench.ResultComparison;
import org.charlstm.bench.Results;
import org.charlstm.cli.console.Console;
import org.charlstm.cli.options.Subcommand;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "compare", sortOptions = false,
        description = "Sets two experiments side by side: the ratio of the medians, and whether the spreads overlap.")
final class BenchCompareCommand extends Subcommand {
    private static final String FIGURES = "  %9s %9s %7s  %s";

    @Parameters(index = "0", paramLabel = "A", description = "An experiment's folder, or its results.json.")
    private Path first;

    @Parameters(index = "1", paramLabel = "B", description = "Another.")
    private Path second;

    @Option(names = "--force", description = "Compare what differs in more than the program.")
    private boolean force;

    @Option(names = "--json", description = "Print a JSON object.")
    private boolean json;

    @Override
    public Integer call() {
        ResultComparison comparison = ResultComparison.of(Results.read(first), Results.read(second), force);
        Console console = console();
        if (json) {
            console.json(Json.pretty(Json.of(comparison)));
        } else {
            lines(comparison).forEach(line -> console.line("%s", line));
        }
        return 0;
    }

    private static List<String> lines(ResultComparison comparison) {
        List<String> lines = new ArrayList<>();
        comparison.differences().forEach(difference -> lines.add(CharlstmException.line("differs: " + difference)));
        List<Configuration> all = Stream.concat(comparison.pairs().stream().map(ResultComparison.Pair::configuration),
                comparison.unpaired().stream().map(ResultComparison.Unpaired::configuration)).toList();
        lines.add(BenchConsole.head(all) + String.format(FIGURES, "A s/epoch", "B s/epoch", "B/A", "spreads"));
        comparison.pairs().forEach(pair -> lines.add(BenchConsole.sizes(pair.configuration(), all)
                + String.format(Locale.ROOT, FIGURES, BenchConsole.seconds(pair.first().median()),
                        BenchConsole.seconds(pair.second().median()), String.format(Locale.ROOT, "%.3f", pair.ratio()),
                        pair.first().isSingle() && pair.second().isSingle() ? "one figure each"
                                : pair.overlap() ? "overlap" : "apart")));
        comparison.unpaired()
                .forEach(each -> lines.add(BenchConsole.sizes(each.configuration(), all) + "  " + each.why()));
        return lines;
    }
}
