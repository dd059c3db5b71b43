package org.charlstm.cli;

import module java.base;
import org.charlstm.base.Machine;
import org.charlstm.base.Quantity;
import org.charlstm.cli.console.Console;
import org.charlstm.cli.console.Interruption;
import org.charlstm.cli.console.Printable;
import org.charlstm.cli.model.CorpusSummary;
import org.charlstm.cli.model.ModelSummary;
import org.charlstm.cli.options.RunOptions;
import org.charlstm.device.Device;
import org.charlstm.device.spi.MemorySize;
import org.charlstm.rank.Collective;
import org.charlstm.report.Report;
import org.charlstm.run.RunListener;
import org.charlstm.run.TrainingRun;
import org.charlstm.run.TrainingRun.EpochTimes;
import org.charlstm.run.folder.OutFolder;
import org.charlstm.run.folder.RunFolder;
import org.charlstm.text.Corpus;
import org.charlstm.train.EpochListener;
import org.charlstm.train.Figures;
import org.jspecify.annotations.Nullable;

/** Shows a run on the console, from the summary to the final figures; Ctrl-C stops the run. */
final class RunConsole implements RunListener, AutoCloseable {
    private final Console console;
    private final TrainingRun run;
    private final RunOptions options;
    private final Optional<String> why;
    /** Null before the run begins. */
    @Nullable
    Interruption interruption;
    /** The number of characters of an epoch, from which the speed is computed. */
    private double characters;
    /** Null between epochs. */
    private @Nullable EpochDisplay display;
    /** Null until the run has trained. */
    private TrainingRun.@Nullable End end;

    RunConsole(Console console, TrainingRun run, RunOptions options, Optional<String> why) {
        this.console = console;
        this.run = run;
        this.options = options;
        this.why = why;
    }

    @Override
    public void begin(TrainingRun training) {
        interruption = new Interruption(console, "finishing the step and saving", run::stop);
        if (!run.resumed()) {
            OutFolder.link(folder());
        }
        characters = run.setup().training().characters(run.text().corpus());
        CorpusSummary.lines(run).forEach(console::line);
        ModelSummary.lines(run.model().config(), run.text().corpus().steps()).forEach(console::line);
        Device device = run.model().device();
        why.ifPresent(reason -> console.line("device %s: %s", device.name(), reason));
        Collective ranks = run.ranks();
        console.line("training on %s%s (%s)%s into %s", ranks.size() == 1 ? "" : Quantity.of(ranks.size(), "ranks")
                + " of " + Quantity.of(ranks.hosts().stream().distinct().count(), "hosts") + ", each on ",
                device.name(), device.description(),
                run.carrier().map(carrier -> ", gradients summed by " + carrier + ",").orElse(""), folder());
        if (run.resumed()) {
            console.line("%s", goingOn());
        }
        device.choices().forEach(choice -> console.line("%s", choice));
        Map<String, Long> use = device.memoryUse();
        if (!use.isEmpty()) {
            console.line("device memory %s: %s",
                    MemorySize.text(use.values().stream().mapToLong(Long::longValue).sum()),
                    use.entrySet().stream().map(entry -> entry.getKey() + " " + MemorySize.text(entry.getValue()))
                            .collect(Collectors.joining(", ")));
        }
    }

    private String goingOn() {
        int epoch = run.epoch();
        int least = run.best().filter(best -> run.setup().stopping().endsAfter(epoch, best))
                .map(best -> epoch - best.epoch() + 1).orElse(0);
        String patience = least == 0 ? "" : "--patience " + least + " or more";
        if (epoch == run.setup().epochs()) {
            return "all of " + Quantity.of(epoch, "epochs") + (epoch == 1 ? " has" : " have")
                    + " been trained; a larger --epochs" + (least == 0 ? "" : " with " + patience) + " trains on";
        }
        return least == 0 ? "going on after " + Quantity.of(epoch, "whole epochs")
                : "it has stopped early, after epoch " + epoch + "; " + patience + " trains on";
    }

    private Path folder() {
        return run.folder().orElseThrow();
    }

    @Override
    public void epoch(int epoch) {
        display = new EpochDisplay(epoch);
    }

    @Override
    public void step(int done, int total, EpochListener.Progress progress) {
        if (display == null) {
            return;
        }
        display.show(done, progress);
        Corpus validation = run.text().validation();
        if (done == total && validation != null) {
            console.show(String.format(Locale.ROOT, "%s validating on %,d", display.name, validation.rows()));
        } else if (done == total) {
            wipe();
        }
    }

    /** Shows the progress of an epoch on a terminal; shows nothing elsewhere. */
    private final class EpochDisplay {
        private static final long REFRESH_NANOS = 200_000_000;
        private static final int BAR = 30;
        private static final int LEAST_BAR = 5;

        private final int rows = run.setup().training().rows(run.text().corpus());
        private final String name;
        private final int epochsLeft;
        private long shown = System.nanoTime();
        /** The rows of the epoch's first step, which warms up, and the time at which that step ended. */
        private int warmRows;
        private long warm;

        EpochDisplay(int epoch) {
            name = "epoch " + epoch + "/" + run.setup().epochs();
            epochsLeft = run.setup().epochs() - epoch;
            console.show(line(0, ""));
        }

        /** The progress with a bar as wide as the rest of the line allows; without a bar if it would be too short. */
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

        /** Reads the loss only as often as a person can. */
        void show(int done, EpochListener.Progress progress) {
            long now = System.nanoTime();
            if (warmRows == 0) {
                warmRows = done;
                warm = now;
            }
            if (!console.isTerminal() || now - shown < REFRESH_NANOS) {
                return;
            }
            shown = now;
            console.show(line(done, String.format(Locale.ROOT, "  loss %.3f%s", progress.loss(),
                    done == warmRows ? "" : speed((now - warm) * 1e-9 / (done - warmRows), rows - done))));
        }

        private String speed(double secondsPerRow, int rowsLeft) {
            double perSecond = characters / rows / secondsPerRow;
            long left = Math.round(secondsPerRow * (rowsLeft + (double) epochsLeft * rows));
            return String.format(Locale.ROOT, "  %,.0f%s  %d:%02d left",
                    perSecond < 1000 ? perSecond : perSecond / 1000,
                    perSecond < 1000 ? "/s" : "k/s", left / 60, left % 60);
        }
    }

    @Override
    public void warning(String warning) {
        wipe();
        console.warn(warning);
    }

    @Override
    public void figures(Figures figures) {
        // The progress of the next epoch may be on the line.
        console.wipe();
        console.line("epoch " + figures.epoch() + "/" + run.setup().epochs()
                + words(figures).map(words -> "  " + words).collect(Collectors.joining()));
    }

    /** The loss of real characters is shown only in bits. */
    private static Stream<String> words(Figures figures) {
        return figures.values().entrySet().stream().filter(figure -> !Figures.isRealLoss(figure.getKey()))
                .map(figure -> words(figure.getKey(), figure.getValue()));
    }

    private static String words(String name, double value) {
        return switch (name) {
            case Figures.SECONDS -> String.format(Locale.ROOT, "%.2f s", value);
            case Figures.BITS -> String.format(Locale.ROOT, "%.3f bits/character", value);
            case Figures.VAL_BITS -> String.format(Locale.ROOT, "%.3f val_bits/character", value);
            case Figures.TEST_BITS -> String.format(Locale.ROOT, "%.3f test_bits/character", value);
            case Figures.CHARS_PER_SECOND -> String.format(Locale.ROOT, "%,.0f characters/s", value);
            default -> String.format(Locale.ROOT, Figures.isLoss(name) ? "%s %.4f" : "%s %.4g", name, value);
        };
    }

    /** The sentences of the run's end are kept; they are printed only if asked for. */
    @Override
    public void sentences(int epoch, List<String> sentences) {
        if (options.samplesAfter(epoch)) {
            console.wipe();
            sentences.forEach(sentence -> console.line("    %s", Printable.text(sentence)));
        }
    }

    @Override
    public void trained(TrainingRun.End how) {
        close();
        end = how;
        switch (how) {
            case WHOLE -> {}
            case EARLY -> run.best().ifPresent(best -> console.line("stopped early after epoch %d: the best is epoch "
                    + "%d, %s %.4f; --patience is %d", run.epoch(), best.epoch(), best.title(), best.loss(),
                    run.setup().stopping().patience()));
            case IN_EPOCH ->
                console.line("interrupted in epoch %d; the weights after the last step are in %s; to go on: %s",
                        run.epoch(), folder(), console.command("train", "--resume", folder()));
            case AFTER_EPOCH ->
                console.line("interrupted after epoch %d; the model is in %s; to go on: %s", run.epoch(),
                        folder(), console.command("train", "--resume", folder()));
        }
        if (isWhole(how) && isUntested() && (interruption == null || !interruption.requested())) {
            interruption = new Interruption(console, "leaving out the test", run::stop);
        }
    }

    @Override
    public void tested(Figures figures) {
        close();
    }

    @Override
    public void untested() {
        close();
        console.line("the test is left out; to make up for it: %s", console.command("train", "--resume", folder()));
    }

    @Override
    public void end() {
        if (!isWhole(end)) {
            return;
        }
        List<Figures> figures = run.figures();
        if (!figures.isEmpty()) {
            double total = figures.stream().mapToDouble(Figures::seconds).sum();
            run.times().ifPresent(times -> console.line("seconds per epoch: %s", line(times)));
            console.line("%.2f s in all, %,.0f characters/s", total, figures.stream().mapToDouble(epoch -> epoch
                    .get(Figures.CHARS_PER_SECOND) * epoch.seconds()).sum() / total);
        }
        console.line("%s", Machine.line());
        console.line("report: %s", folder().resolve(Report.NAME));
        run.best().ifPresent(best -> console.line("best: epoch %d, %s %.4f, %s", best.epoch(), best.title(),
                best.loss(), run.bestIsKept() ? "in " + folder().resolve(RunFolder.BEST)
                        : "whose model is not kept"));
        run.tested().ifPresent(tested -> console.line("test: epoch %d, %s", tested.epoch(),
                words(tested).collect(Collectors.joining(", "))));
        console.line("saved in %s; new sentences: %s", folder(), console.command("sample", folder()));
    }

    private static boolean isWhole(TrainingRun.@Nullable End how) {
        return how == TrainingRun.End.WHOLE || how == TrainingRun.End.EARLY;
    }

    private boolean isUntested() {
        return run.text().test() != null && run.tested().isEmpty();
    }

    private static String line(EpochTimes times) {
        boolean alone = times.first() == times.min() && times.first() == times.max();
        return String.format(Locale.ROOT, "mean %.2f, median %.2f, min %.2f, max %.2f%s", times.mean(), times.median(),
                times.min(), times.max(), alone ? "" : String.format(Locale.ROOT, "; the first %.2f", times.first()));
    }

    int exitCode(TrainingRun.End how) {
        return interruption == null || (isWhole(how) && !(isUntested() && interruption.requested())) ? 0
                : interruption.code(Main.INTERRUPTED);
    }

    private void wipe() {
        if (display != null) {
            console.wipe();
            display = null;
        }
    }

    /** Removes the progress from the terminal and lets Ctrl-C end the process again, even if the run is incomplete. */
    @Override
    public void close() {
        wipe();
        if (interruption != null) {
            interruption.close();
        }
    }
}
