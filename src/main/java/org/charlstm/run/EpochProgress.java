package org.charlstm.run;

import com.google.gson.JsonObject;
import org.charlstm.train.EpochListener;
import org.charlstm.train.EpochSize;
import org.charlstm.train.Figures;
import org.charlstm.train.TrainingOptions;

/**
 * How far the epoch under way is, for people who look into the run's folder: a line a second, of a long epoch fewer. It
 * asks the device for the loss only then, and the disk is waited for by the saver alone.
 */
final class EpochProgress {
    private static final long PERIOD_NANOS = 1_000_000_000;
    /** The next line comes once the epoch has gone on by one part in so many. */
    private static final long SHARE = 200;

    private final TrainingRun run;
    private final RunFolder folder;
    private final Saver saver;
    private final double characters;
    private int epoch;
    /** Rows that were seen when the clock began; none before the epoch's first step. */
    private int first;
    private long begun;
    private long next;
    private boolean written;

    EpochProgress(TrainingRun run, RunFolder folder, Saver saver) {
        this.run = run;
        this.folder = folder;
        this.saver = saver;
        characters = EpochSize.characters(run.text().corpus(), run.setup().training());
    }

    /** Begins an epoch. */
    void begin(int number) {
        epoch = number;
        first = 0;
    }

    /** Tells of a step, if it is time for that. */
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
            tell(done, rows, loss, (System.nanoTime() - begun) * 1e-9);
        }
        next = now + Math.max(PERIOD_NANOS, (now - begun) / SHARE);
    }

    private void tell(int done, int rows, double loss, double seconds) {
        TrainingOptions training = run.setup().training();
        long update = (long) training.batchSize() * training.accumulate();
        double rate = (done - first) / seconds;
        JsonObject line = new JsonObject();
        line.addProperty("epoch", epoch);
        line.addProperty("step", Math.ceilDiv(done, update));
        line.addProperty("steps", Math.ceilDiv(rows, update));
        line.addProperty(Figures.LOSS, loss);
        line.addProperty(Figures.CHARS_PER_SECOND, rate * characters / rows);
        line.addProperty("seconds_left", (rows - done + (run.setup().epochs() - epoch) * (double) rows) / rate);
        saver.hand(new Save(epoch).other(() -> folder.progress(line)));
        written = true;
    }

    /** Takes it away: the epoch is over, and its figures are handed over. */
    void over() {
        if (written) {
            saver.hand(new Save(epoch).other(folder::endProgress));
            written = false;
        }
    }
}
