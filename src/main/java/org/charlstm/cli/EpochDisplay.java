package org.charlstm.cli;

import java.util.Locale;
import org.charlstm.text.Corpus;
import org.charlstm.train.EpochListener;

/** How far an epoch is, on a terminal; nothing elsewhere. */
final class EpochDisplay implements AutoCloseable {
    private static final long REFRESH_NANOS = 200_000_000;
    private static final int BAR = 20;

    private final Console console;
    private final String name;
    private final int rows;
    private final int steps;
    private final int epochsLeft;
    private final long start = System.nanoTime();
    private long shown = start;

    EpochDisplay(Console console, Corpus corpus, int epoch, int epochs) {
        this.console = console;
        name = String.format(Locale.ROOT, "epoch %d/%d", epoch, epochs);
        rows = corpus.rows();
        steps = corpus.steps();
        epochsLeft = epochs - epoch;
        console.show(bar(0));
    }

    private String bar(int done) {
        double share = (double) done / rows;
        int filled = (int) (share * BAR);
        return String.format(Locale.ROOT, "%s %3d%% [%s%s] %,d/%,d", name, (int) (share * 100), "=".repeat(filled),
                " ".repeat(BAR - filled), done, rows);
    }

    /** Shows how far the epoch is; reads the loss only as often as a person can. */
    void show(int done, EpochListener.Progress progress) {
        long now = System.nanoTime();
        if (!console.isTerminal() || now - shown < REFRESH_NANOS) {
            return;
        }
        shown = now;
        double seconds = (now - start) * 1e-9;
        double epoch = seconds / done * rows;
        long left = Math.round(epoch - seconds + epochsLeft * epoch);
        console.show(String.format(Locale.ROOT, "%s  loss %.3f  %,.0fk/s  %d:%02d left", bar(done), progress.loss(),
                (double) done * steps / seconds / 1000, left / 60, left % 60));
    }

    /** Says that the epoch's steps are done and how the model does is looked at. */
    void validating(Corpus validation) {
        console.show(String.format(Locale.ROOT, "%s validating on %,d", name, validation.rows()));
    }

    @Override
    public void close() {
        console.wipe();
    }
}
