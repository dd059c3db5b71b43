package org.charlstm.report;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.charlstm.run.RunListener;
import org.charlstm.run.TrainingRun;
import org.charlstm.train.Figures;
import org.charlstm.train.OperationTime;
import org.jspecify.annotations.Nullable;

/** Writes a run's report during training, at intervals, and at its end. */
public final class ReportWriter implements RunListener {
    /** The least interval during training. */
    private static final long NANOS = 1_000_000_000;
    /** Writing takes at most one part in so many of the time. */
    private static final long SHARE = 50;

    private final boolean pictures;
    /** Null before the run begins. */
    private @Nullable Path folder;
    private long next;
    private boolean current;

    /**
     * Writes reports.
     *
     * @param pictures whether to write the charts as pictures too, at the end
     */
    public ReportWriter(boolean pictures) {
        this.pictures = pictures;
    }

    @Override
    public void begin(TrainingRun run) {
        folder = Objects.requireNonNull(run.folder(), "a run that begins has a folder").path();
        next = System.nanoTime() + NANOS;
        current = run.wasDone() && Files.exists(folder.resolve(Report.NAME));
    }

    @Override
    public void figures(Figures figures) {
        current = false;
    }

    @Override
    public void sentences(int epoch, List<String> sentences) {
        current = false;
    }

    @Override
    public void tested(Figures figures) {
        current = false;
    }

    @Override
    public void operations(List<OperationTime> times) {
        current = false;
    }

    @Override
    public void epoch(int epoch) {
        long now = System.nanoTime();
        if (epoch > 1 && now - next >= 0) {
            report().write();
            next = System.nanoTime() + Math.max(NANOS, SHARE * (System.nanoTime() - now));
        }
    }

    @Override
    public void trained(TrainingRun.End end) {
        if (!current) {
            write();
        }
    }

    @Override
    public void end() {
        if (!current) {
            write();
        }
    }

    private Report report() {
        return Report.of(Objects.requireNonNull(folder, "the run has not begun"));
    }

    private void write() {
        Report report = report();
        report.write();
        if (pictures) {
            report.writePictures();
        }
        current = true;
    }
}
