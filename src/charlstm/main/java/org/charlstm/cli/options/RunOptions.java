package org.charlstm.cli.options;

import module java.base;
import org.charlstm.cli.console.UsageException;
import org.charlstm.cli.options.TrainOption.Resumed;
import org.charlstm.cli.options.TrainOption.Section;
import org.charlstm.report.EventFile;
import org.charlstm.report.Report;
import org.charlstm.run.EarlyStopping;
import org.charlstm.run.TrainingRun;
import org.charlstm.run.TrainingRun.Checkpoints;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options for the early end of a training run, for the output beside its figures, and for saving its state. */
public final class RunOptions {
    private static final Pattern EVERY = Pattern.compile("([0-9]{1,6})(m?)");

    @Option(names = "--patience", paramLabel = "N", converter = Converters.FromOne.class,
            description = "End after N epochs in a row that are no better than the best before. Default: train all.")
    @TrainOption(section = Section.STOP, resumed = Resumed.FREE)
    private @Nullable Integer patience;

    @Option(names = "--monitor", paramLabel = "FIGURE", description = "The figure whose lowest value makes the best "
            + "epoch: val_loss or loss. --patience, the best model that is kept and --schedule plateau go by "
            + "it. Default: val_loss with validation, else loss.")
    @TrainOption(section = Section.STOP, resumed = Resumed.SAME)
    private @Nullable Monitor monitor;

    @Option(names = "--sample-every", paramLabel = "N", converter = Converters.FromOne.class,
            description = "Print and keep new sentences after every Nth epoch, always from the same seed. "
                    + "Default: only keep some at the end.")
    @TrainOption(section = Section.MOST_USED, place = 6, resumed = Resumed.FREE)
    private @Nullable Integer sampleEvery;

    @Option(names = "--sample-count", paramLabel = "N", defaultValue = "3", converter = Converters.FromOne.class,
            description = "How many sentences, for --sample-every and the report. Default: ${DEFAULT-VALUE}.")
    @TrainOption(section = Section.REPORT, resumed = Resumed.FREE)
    private int sampleCount;

    @Option(names = "--tensorboard", description = "Write the figures and sentences for TensorBoard too.")
    @TrainOption(section = Section.REPORT, resumed = Resumed.FREE)
    private boolean tensorBoard;

    @Option(names = "--png",
            description = "Write the report's charts as pictures beside it, where Java has the module java.desktop.")
    @TrainOption(section = Section.REPORT, resumed = Resumed.FREE)
    private boolean png;

    @Option(names = "--checkpoint-every", paramLabel = "N", defaultValue = "1",
            description = "Save the state that --resume goes on from after every Nth epoch; or, as Nm, after every "
                    + "epoch and every N minutes within one. Default: ${DEFAULT-VALUE}.")
    @TrainOption(section = Section.SAVING, resumed = Resumed.FREE)
    private String checkpointEvery;

    @Option(names = "--keep", paramLabel = "K", defaultValue = "0", converter = Converters.FromZero.class,
            description = "Keep the states of K epochs before the latest too. Default: ${DEFAULT-VALUE}.")
    @TrainOption(section = Section.SAVING, resumed = Resumed.FREE)
    private int keep;

    /** The figures that can determine the best epoch. */
    private enum Monitor {
        LOSS, VAL_LOSS;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public void check(boolean validated) {
        UsageException.when(monitor == Monitor.VAL_LOSS && !validated,
                "--monitor val_loss needs --validation or --validation-split");
        checkpoints();
        if (png) {
            Report.requirePictures();
        }
    }

    public EarlyStopping stopping() {
        return new EarlyStopping(patience == null ? 0 : patience, monitor == null ? null : monitor.toString());
    }

    public Checkpoints checkpoints() {
        Matcher matcher = EVERY.matcher(checkpointEvery);
        UsageException.when(!matcher.matches() || Integer.parseInt(matcher.group(1)) == 0,
                "--checkpoint-every is '%s'; it must be a number of epochs from 1 on, or of minutes, such as 10m",
                checkpointEvery);
        int number = Integer.parseInt(matcher.group(1));
        return matcher.group(2).isEmpty() ? new Checkpoints(number, 0, keep) : new Checkpoints(1, 60L * number, keep);
    }

    /** Whether sentences are printed after an epoch. */
    public boolean samplesAfter(int epoch) {
        return sampleEvery != null && epoch % sampleEvery == 0;
    }

    /** Adds sentences, events and the report to a run. */
    public void follow(TrainingRun run) {
        run.sentences(sampleEvery == null ? 0 : sampleEvery, sampleCount);
        if (tensorBoard) {
            run.add(new EventFile());
        }
        run.add(new Report.Writer(png));
    }
}
