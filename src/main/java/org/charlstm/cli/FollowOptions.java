package org.charlstm.cli;

import org.charlstm.report.EventFile;
import org.charlstm.report.Report;
import org.charlstm.report.ReportWriter;
import org.charlstm.run.TrainingRun;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What is shown and kept of a training as it goes on, beside its figures. */
final class FollowOptions {
    @Option(names = "--sample-every", paramLabel = "N",
            description = "Print and keep new sentences after every Nth epoch, always from the same seed. "
                    + "Default: only keep some at the end.")
    private @Nullable Integer every;

    @Option(names = "--sample-count", paramLabel = "N", defaultValue = "3",
            description = "How many sentences, for --sample-every and the report. Default: ${DEFAULT-VALUE}.")
    private int count;

    @Option(names = "--tensorboard", description = "Write the figures and sentences for TensorBoard too.")
    private boolean tensorBoard;

    @Option(names = "--png",
            description = "Write the report's charts as pictures beside it, where Java has the module java.desktop.")
    private boolean png;

    void check() {
        UsageException.requireAtLeast("--sample-every", every, 1);
        UsageException.requireAtLeast("--sample-count", count, 1);
        if (png) {
            Report.requirePictures();
        }
    }

    /** Whether sentences were asked for after this epoch. */
    boolean samplesAfter(int epoch) {
        return every != null && epoch % every == 0;
    }

    /** Has a run keep what was asked for. */
    void follow(TrainingRun run) {
        run.sentences(every == null ? 0 : every, count);
        if (tensorBoard) {
            run.add(new EventFile());
        }
        run.add(new ReportWriter(png));
    }
}
