package org.charlstm.cli;

import org.charlstm.run.EarlyStopping;
import org.charlstm.run.Setup;
import org.charlstm.train.Figures;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** When a training ends before its last epoch. */
final class StoppingOptions {
    @Option(names = "--patience", paramLabel = "N",
            description = "End after N epochs none of which was better than the best before. Default: train all.")
    private @Nullable Integer patience;

    @Option(names = "--monitor", paramLabel = "FIGURE", completionCandidates = Choices.OfMonitor.class,
            description = "What the best epoch has the lowest of, for --patience, the model that is kept as the best "
                    + "and --schedule plateau: val_loss or loss. Default: val_loss with validation, else loss.")
    private @Nullable String monitor;

    void check(boolean validated) {
        UsageException.requireAtLeast("--patience", patience, 1);
        UsageException.requireOneOf("--monitor", monitor, EarlyStopping.MONITORS);
        if (Figures.VAL_LOSS.equals(monitor) && !validated) {
            throw new UsageException("--monitor val_loss needs --validation or --validation-split");
        }
    }

    /** With what was asked for. */
    Setup of(Setup setup) {
        return setup.stopping(new EarlyStopping(patience == null ? 0 : patience, monitor));
    }
}
