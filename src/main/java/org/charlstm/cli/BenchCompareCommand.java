package org.charlstm.cli;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.charlstm.bench.Comparison;
import org.charlstm.bench.Results;
import org.charlstm.io.Json;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code charlstm bench compare}. */
@Command(name = "compare", sortOptions = false,
        description = "Sets two experiments side by side: the ratio of the medians, and whether the spreads overlap.")
final class BenchCompareCommand implements Callable<Integer> {
    @ParentCommand
    private BenchCommand bench;

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
        Comparison comparison = Comparison.of(Results.read(first), Results.read(second), force);
        Console console = bench.main().console();
        if (json) {
            console.line("%s", Json.pretty(Json.of(comparison)));
        } else {
            BenchCompareTable.lines(comparison).forEach(line -> console.line("%s", line));
        }
        return 0;
    }
}
