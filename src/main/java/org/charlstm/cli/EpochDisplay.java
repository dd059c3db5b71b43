package org.charlstm.cli;

import java.util.Locale;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.charlstm.text.Corpus;
import org.charlstm.train.EpochListener;
import org.jspecify.annotations.Nullable;

/** A progress bar for one epoch on a terminal; nothing elsewhere. */
final class EpochDisplay implements AutoCloseable {
    private static final long REFRESH_NANOS = 200_000_000;

    /** Null where there is no terminal. */
    private final @Nullable ProgressBar bar;
    private final int steps;
    private final int epochsLeft;
    private final long start = System.nanoTime();
    private long shown = start;

    /** Wipes the bar at the end, where the library's own consumer would leave an empty line. */
    private static final class OneLine extends ConsoleProgressBarConsumer {
        private final Console console;

        OneLine(Console console) {
            super(console.err(), console.columns() - 1);
            this.console = console;
        }

        @Override
        public void close() {
            console.wipe();
        }
    }

    EpochDisplay(Console console, Corpus corpus, int epoch, int epochs) {
        steps = corpus.steps();
        epochsLeft = epochs - epoch;
        bar = !console.isTerminal() ? null : new ProgressBarBuilder()
                .setTaskName(String.format(Locale.ROOT, "epoch %d/%d", epoch, epochs))
                .setInitialMax(corpus.rows())
                .setStyle(ProgressBarStyle.ASCII)
                .hideEta()
                .setConsumer(new OneLine(console))
                .build();
    }

    /** Shows how far the epoch is; reads the loss only as often as a person can. */
    void show(int done, EpochListener.Progress progress) {
        long now = System.nanoTime();
        if (bar == null || now - shown < REFRESH_NANOS) {
            return;
        }
        shown = now;
        double seconds = (now - start) * 1e-9;
        double left = seconds / done * (bar.getMax() - done) + epochsLeft * seconds / done * bar.getMax();
        bar.stepTo(done);
        bar.setExtraMessage(String.format(Locale.ROOT, " loss %.3f  %.0fk/s  %d:%02d left", progress.loss(),
                (double) done * steps / seconds / 1000, (int) left / 60, (int) left % 60));
    }

    @Override
    public void close() {
        if (bar != null) {
            bar.close();
        }
    }
}
