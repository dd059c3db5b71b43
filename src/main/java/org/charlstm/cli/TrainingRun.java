package org.charlstm.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.charlstm.CharlstmException;
import org.charlstm.io.SavedModel;
import org.charlstm.nn.Model;
import org.charlstm.report.Report;
import org.charlstm.text.Captions;
import org.charlstm.text.Corpus;
import org.charlstm.train.Evaluation;
import org.charlstm.train.Figures;
import org.charlstm.train.Machine;
import org.charlstm.train.OperationTime;
import org.charlstm.train.RunFolder;
import org.charlstm.train.Trainer;
import org.charlstm.train.TrainingOptions;

/** One training, from the summary to the figures at the end, with everything saved on the way. */
final class TrainingRun {
    private final Console console;
    private final RunDescription description;
    private final RunFolder folder;
    private final TrainingText text;
    private final Model model;
    private final TrainingOptions options;
    private final int epochs;
    private final Follower follower;
    private final Optional<String> why;
    private final List<Figures> metrics = new ArrayList<>();
    private boolean interrupted;
    private int warned;

    TrainingRun(Console console, RunDescription description, RunFolder folder, TrainingText text, Model model,
            TrainingOptions options, int epochs, Follower follower, Optional<String> why) {
        this.console = console;
        this.description = description;
        this.folder = folder;
        this.text = text;
        this.model = model;
        this.options = options;
        this.epochs = epochs;
        this.follower = follower;
        this.why = why;
    }

    /** Trains; returns the exit code. */
    int train(Trainer trainer) {
        try (Interruption interruption = new Interruption()) {
            folder.begin(saved(), description.json(metrics));
            follower.begin();
            printStart();
            for (int epoch = 1; epoch <= epochs; epoch++) {
                Figures figures;
                try (EpochDisplay display = new EpochDisplay(console, text.corpus(), epoch, epochs)) {
                    figures = trainer.epoch((done, total, progress) -> {
                        display.show(done, progress);
                        return !interruption.requested();
                    });
                }
                printWarnings();
                description.takeChoices();
                SavedModel trained = saved();
                trained.weights().requireFinite("epoch " + epoch + ", not saved");
                folder.save(trained);
                if (figures == null) {
                    keep();
                    console.line("interrupted in epoch %d; the weights after the last step are in %s", epoch,
                            folder.path());
                    return Main.INTERRUPTED;
                }
                figures = validated(figures);
                metrics.add(figures);
                follower.epoch(figures, epochs);
                if (interruption.requested() && epoch < epochs) {
                    keep();
                    console.line("interrupted after epoch %d; the model is in %s", epoch, folder.path());
                    return Main.INTERRUPTED;
                }
            }
            keep();
            interrupted = interruption.requested();
            return 0;
        }
    }

    /** After a whole training, when its memory is free again: what the report needs besides, and the figures. */
    void end() {
        if (!metrics.isEmpty() && !interrupted) {
            follower.end(metrics.size());
            description.operations(OperationTime.ofStep(model.device(), model.weights(), text.corpus(),
                    options.batchSize()));
            keep();
        }
        printEnd();
    }

    private void keep() {
        folder.describe(description.json(metrics));
        follower.report();
    }

    private Figures validated(Figures figures) {
        if (text.validation() == null) {
            return figures;
        }
        Evaluation evaluation = Evaluation.of(model, text.validation(), options.batchSize());
        if (!Double.isFinite(evaluation.loss())) {
            throw new CharlstmException("training diverged: the validation loss of epoch " + figures.epoch() + " is "
                    + evaluation.loss() + "; try a lower --learning-rate");
        }
        return figures.with(Figures.VAL_LOSS, evaluation.loss());
    }

    private SavedModel saved() {
        Corpus corpus = text.corpus();
        return new SavedModel(model.config(), corpus.steps(), corpus.vocabulary(), model.weights());
    }

    private void printStart() {
        Captions captions = text.captions();
        Corpus corpus = text.corpus();
        int symbols = corpus.vocabulary().size();
        console.line("%,d %s from %s, %,d characters%s", captions.size(),
                text.unit(), captions.source(), captions.characters(), captions.skipped() == 0 ? ""
                        : String.format(Locale.ROOT, " (%,d blank lines skipped)", captions.skipped()));
        console.line("inputs (%d, %d, %d), targets (%d, %d, %d)", corpus.rows(), corpus.steps(), symbols,
                corpus.rows(), corpus.steps(), symbols);
        if (text.validation() != null) {
            console.line("%,d %s from %s for validation", text.validation().rows(), text.unit(),
                    text.validationSource());
        }
        ModelSummary.lines(model.config(), corpus.steps()).forEach(console::line);
        why.ifPresent(reason -> console.line("device %s: %s", model.device().name(), reason));
        console.line("training on %s (%s) into %s", model.device().name(), model.device().description(),
                folder.path());
        printWarnings();
        model.device().choices().forEach(choice -> console.line("%s", choice));
        Map<String, Long> use = model.device().memoryUse();
        if (!use.isEmpty()) {
            console.line("device memory %s: %s", size(use.values().stream().mapToLong(Long::longValue).sum()),
                    use.entrySet().stream().map(entry -> entry.getKey() + " " + size(entry.getValue()))
                            .collect(Collectors.joining(", ")));
        }
    }

    /** Those that came up since the last time. */
    private void printWarnings() {
        List<String> warnings = model.device().warnings();
        warnings.stream().skip(warned).forEach(console::warn);
        warned = warnings.size();
    }

    private static String size(long bytes) {
        return bytes < 1 << 20 ? Math.ceilDiv(bytes, 1 << 10) + " KiB"
                : String.format(Locale.ROOT, "%.1f MiB", bytes / (double) (1 << 20));
    }

    private void printEnd() {
        if (!metrics.isEmpty()) {
            double total = metrics.stream().mapToDouble(Figures::seconds).sum();
            console.line("seconds per epoch: %s", new EpochTimes(metrics).line());
            console.line("%.2f s in all, %,.0f characters/s", total,
                    metrics.size() * (double) text.corpus().rows() * text.corpus().steps() / total);
        }
        console.line("%s", Machine.line());
        console.line("report: %s", folder.path().resolve(Report.NAME));
        console.line("saved in %s; new sentences: charlstm sample %s%s", folder.path(), folder.path(),
                text.corpus().vocabulary().hasMarkers() ? "" : " --prime TEXT");
    }
}
