package org.charlstm.cli;

import java.nio.file.Path;
import org.charlstm.cli.console.UsageException;
import org.charlstm.cli.options.Subcommand;
import org.charlstm.report.Report;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "report", sortOptions = false,
        description = "Makes the report of a training run or a bench from its folder, a page that stands alone.")
final class ReportCommand extends Subcommand {
    @Parameters(paramLabel = "RUN", description = "The folder of a run or a bench.")
    private Path folder;

    @Option(names = "--png", description = "Write its charts as pictures beside it too.")
    private boolean png;

    @Option(names = "--csv", description = "Print the figures of each epoch as CSV, and write nothing.")
    private boolean csv;

    @Override
    public Integer call() {
        UsageException.when(csv && png, "--csv and --png do not go together; leave one out");
        if (csv) {
            Report.csv(folder).forEach(console()::line);
            return 0;
        }
        if (png) {
            Report.requirePictures();
        }
        Report report = Report.of(folder);
        console().line("%s", report.write());
        if (png) {
            report.writePictures().forEach(picture -> console().line("%s", picture));
        }
        return 0;
    }
}
