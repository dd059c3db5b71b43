package org.charlstm.cli;

import module java.base;
import org.charlstm.bench.Merge;
import org.charlstm.cli.options.Converters;
import org.charlstm.cli.options.Subcommand;
import org.charlstm.run.folder.OutFolder;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

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
        merge.missing().forEach(console()::warn);
        int code = BenchConsole.print(console(), merge.results(), folder, "");
        // A missing configuration counts as failed.
        return merge.missing().isEmpty() ? code : Main.FAILED;
    }
}
