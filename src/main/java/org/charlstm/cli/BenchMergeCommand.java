package org.charlstm.cli;

import java.nio.file.Path;
import java.util.List;
import org.charlstm.bench.Measurement.Status;
import org.charlstm.bench.Merge;
import org.charlstm.report.Report;
import org.charlstm.run.OutFolder;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code charlstm bench merge}. */
@Command(name = "merge", sortOptions = false,
        description = "Puts the parts of a grid, each measured with --part of bench, together in the grid's order.")
final class BenchMergeCommand extends Subcommand {
    @Parameters(arity = "1..*", paramLabel = "PART", description = "The parts' folders, or their results.json.")
    private List<Path> parts;

    @Option(names = {"-o", "--out"}, paramLabel = "DIR", required = true, converter = Converters.Folder.class,
            description = "Where results go: a new folder, or one of an earlier merge.")
    private Path out;

    @Override
    public Integer call() {
        Merge merge = Merge.of(parts, words());
        Merge.requireFree(out);
        Path folder = OutFolder.prepare(out, false).path();
        merge.results().write(folder);
        Report.of(folder).write();
        Console console = console();
        merge.missing().forEach(console::warn);
        BenchTable.lines(merge.results()).forEach(line -> console.line("%s", line));
        console.line("");
        console.line("report: %s", folder.resolve(Report.NAME));
        console.line("results in %s", folder);
        // A missing configuration counts as a failed one does.
        return merge.missing().isEmpty() && merge.results().rows().stream()
                .noneMatch(row -> row.status() == Status.FAILED) ? 0 : Main.FAILED;
    }
}
