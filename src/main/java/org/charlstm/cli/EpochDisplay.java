package org.charlstm.cli;

import java.util.Locale;
import org.charlstm.text.Corpus;
import org.charlstm.train.EpochListener;

/** How far an epoch is, on a terminal; nothing elsewhere. */
final class EpochDisplay implements AutoCloseable {
    private static final long REFRESH_NANOS = 200_000_000;
    private static final int BAR = 30;
    private static final int LEAST_BAR = 5;

    private final Console console;
    private final String name;
    private final int rows;
    private final double characters;
    private final int epochsLeft;
    private final long start = System.nanoTime();
    private long shown = start;

    /** For an epoch of so many rows, whose characters count for its speed. */
    EpochDisplay(Console console, int rows, double characters, int epoch, int epochs) {
        this.console = console;
        name = String.format(Locale.ROOT, "epoch %d/%d", epoch, epochs);
        this.rows = rows;
        this.characters = characters;
        epochsLeft = epochs - epoch;
        console.show(line(0, ""));
    }

    /** As wide as the rest of the line leaves room for; none where that is too little to see. */
    private String line(int done, String rest) {
        double share = (double) done / rows;
        String head = String.format(Locale.ROOT, "%s %3d%%", name, (int) (share * 100));
        int width = Math.min(BAR, console.columns() - 1 - head.length() - rest.length() - " []".length());
        if (width < LEAST_BAR) {
            return head + rest;
        }
        int filled = (int) (share * width);
        return head + " [" + "=".repeat(filled) + " ".repeat(width - filled) + "]" + rest;
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
        console.show(line(done, String.format(Locale.ROOT, "  loss %.3f  %,.0fk/s  %d:%02d left", progress.loss(),
                characters * done / rows / seconds / 1000, left / 60, left % 60)));
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
