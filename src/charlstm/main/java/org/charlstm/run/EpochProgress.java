package org.charlstm.run;

import com.google.gson.JsonObject;
import org.charlstm.base.Json;
import org.charlstm.run.BackgroundWriter.Pending;
import org.charlstm.run.folder.RunFolder;
import org.charlstm.train.EpochListener;
import org.charlstm.train.Figures;
import org.charlstm.train.TrainingOptions;

/** Writes a line of progress each second, or less often, and waits for the device only then, never for the disk. */
final class EpochProgress {
    private static final long PERIOD_NANOS = 1_000_000_000;
    /** The approximate number of lines of a long epoch. */
    private static final long SHARE = 200;

    private final TrainingRun run;
    private final RunFolder folder;
    private final BackgroundWriter writer;
    private final double characters;
    private int epoch;
    /** The number of rows seen when the clock began, after the epoch's first step. */
    private int first;
    private long begun;
    private long next;
    private boolean written;

    EpochProgress(TrainingRun run, RunFolder folder, BackgroundWriter writer) {
        this.run = run;
        this.folder = folder;
        this.writer = writer;
        characters = run.setup().training().characters(run.text().corpus());
    }

    void begin(int number) {
        epoch = number;
        first = 0;
    }

    void step(int done, int rows, EpochListener.Progress progress) {
        long now = System.nanoTime();
        if (first == 0) {
            first = done;
            begun = now;
            next = now + PERIOD_NANOS;
        }
        if (now < next || done == first) {
            return;
        }
        double loss = progress.loss();
        if (Double.isFinite(loss)) {
            write(done, rows, loss, (System.nanoTime() - begun) * 1e-9);
        }
        next = now + Math.max(PERIOD_NANOS, (now - begun) / SHARE);
    }

    private void write(int done, int rows, double loss, double seconds) {
        TrainingOptions training = run.setup().training();
        long update = (long) training.batchSize() * training.accumulate();
        double rate = (done - first) / seconds;
        JsonObject line = Json.object("epoch", epoch, "step", Math.ceilDiv(done, update), "steps",
                Math.ceilDiv(rows, update), Figures.LOSS, loss, Figures.CHARS_PER_SECOND, rate * characters / rows,
                "seconds_left", (rows - done + (run.setup().epochs() - epoch) * (double) rows) / rate);
        writer.write(new Pending().optional(() -> folder.progress(line)));
        written = true;
    }

    /** Deletes the lines once the epoch's figures are written. */
    void over() {
        if (written) {
            writer.write(new Pending().optional(folder::endProgress));
            written = false;
        }
    }
}
