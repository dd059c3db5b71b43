package org.charlstm.cli;

import com.google.gson.JsonObject;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.charlstm.io.ConfigJson;
import org.charlstm.io.Json;
import org.charlstm.io.SavedModel;
import org.charlstm.nn.Model;
import org.charlstm.text.Captions;
import org.charlstm.text.Corpus;
import org.charlstm.train.EpochMetrics;
import org.charlstm.train.Machine;
import org.charlstm.train.RunFolder;
import org.charlstm.train.Trainer;
import picocli.CommandLine.Model.CommandSpec;

/** One training, from the summary to the figures at the end, with everything saved on the way. */
final class TrainingRun {
    private final Console console;
    private final CommandSpec command;
    private final RunFolder folder;
    private final Captions captions;
    private final Corpus corpus;
    private final Model model;
    private final Trainer trainer;
    private final int epochs;
    private final long seed;
    private final Optional<String> why;
    private final String started = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
    private final List<EpochMetrics> metrics = new ArrayList<>();

    TrainingRun(Console console, CommandSpec command, RunFolder folder, Captions captions, Corpus corpus, Model model,
            Trainer trainer, int epochs, long seed, Optional<String> why) {
        this.console = console;
        this.command = command;
        this.folder = folder;
        this.captions = captions;
        this.corpus = corpus;
        this.model = model;
        this.trainer = trainer;
        this.epochs = epochs;
        this.seed = seed;
        this.why = why;
    }

    int run() {
        try (Interruption interruption = new Interruption()) {
            folder.begin(saved(), description());
            printStart();
            for (int epoch = 1; epoch <= epochs; epoch++) {
                EpochMetrics figures;
                try (EpochDisplay display = new EpochDisplay(console, corpus, epoch, epochs)) {
                    figures = trainer.epoch((done, total, progress) -> {
                        display.show(done, progress);
                        return !interruption.requested();
                    });
                }
                SavedModel trained = saved();
                trained.weights().requireFinite("epoch " + epoch + ", not saved");
                folder.save(trained);
                if (figures == null) {
                    folder.describe(description());
                    console.line("interrupted in epoch %d; the weights after the last step are in %s", epoch,
                            folder.path());
                    return Main.INTERRUPTED;
                }
                metrics.add(figures);
                folder.add(figures);
                console.line("epoch %d/%d  loss %.4f  %.2f s  %,.0f characters/s", epoch, epochs, figures.loss(),
                        figures.seconds(), figures.charsPerSecond());
                if (interruption.requested() && epoch < epochs) {
                    folder.describe(description());
                    console.line("interrupted after epoch %d; the model is in %s", epoch, folder.path());
                    return Main.INTERRUPTED;
                }
            }
            folder.describe(description());
            printEnd();
            return 0;
        }
    }

    private SavedModel saved() {
        return new SavedModel(model.config(), corpus.steps(), corpus.vocabulary(), model.weights());
    }

    private void printStart() {
        int symbols = corpus.vocabulary().size();
        console.line("%,d captions from %s, %,d characters%s", captions.size(), captions.source(),
                captions.characters(), captions.skipped() == 0 ? ""
                        : String.format(Locale.ROOT, " (%,d blank lines skipped)", captions.skipped()));
        console.line("inputs (%d, %d, %d), targets (%d, %d, %d)", corpus.rows(), corpus.steps(), symbols,
                corpus.rows(), corpus.steps(), symbols);
        ModelSummary.lines(model.config(), corpus.steps()).forEach(console::line);
        why.ifPresent(reason -> console.line("device %s: %s", model.device().name(), reason));
        console.line("training on %s (%s) into %s", model.device().name(), model.device().description(),
                folder.path());
        model.device().choices().forEach(choice -> console.line("%s", choice));
        Map<String, Long> use = model.device().memoryUse();
        if (!use.isEmpty()) {
            console.line("device memory %s: %s", size(use.values().stream().mapToLong(Long::longValue).sum()),
                    use.entrySet().stream().map(entry -> entry.getKey() + " " + size(entry.getValue()))
                            .collect(Collectors.joining(", ")));
        }
    }

    private static String size(long bytes) {
        return bytes < 1 << 20 ? Math.ceilDiv(bytes, 1 << 10) + " KiB"
                : String.format(Locale.ROOT, "%.1f MiB", bytes / (double) (1 << 20));
    }

    private void printEnd() {
        if (!metrics.isEmpty()) {
            double total = metrics.stream().mapToDouble(EpochMetrics::seconds).sum();
            console.line("seconds per epoch: %s", new EpochTimes(metrics).line());
            console.line("%.2f s in all, %,.0f characters/s", total,
                    metrics.size() * (double) corpus.rows() * corpus.steps() / total);
        }
        console.line("%s", Machine.line());
        console.line("saved in %s; new sentences: charlstm sample %s", folder.path(), folder.path());
    }

    private JsonObject description() {
        JsonObject config = ConfigJson.of(model.config(), corpus.steps());
        config.addProperty("parameters", model.config().parameters());
        JsonObject options = new JsonObject();
        command.options().stream().filter(option -> !option.usageHelp() && !option.versionHelp()).forEach(option ->
                options.addProperty(option.longestName().substring(2),
                        option.getValue() == null ? null : option.getValue().toString()));
        JsonObject text = new JsonObject();
        text.addProperty("source", captions.source());
        text.addProperty("captions", captions.size());
        text.addProperty("characters", captions.characters());
        text.addProperty("skipped", captions.skipped());
        JsonObject device = new JsonObject();
        device.addProperty("name", model.device().name());
        device.addProperty("description", model.device().description());
        device.add("choices", Json.array(model.device().choices()));
        JsonObject json = new JsonObject();
        json.addProperty("started", started);
        json.addProperty("seed", seed);
        json.add("config", config);
        json.add("options", options);
        json.add("text", text);
        json.add("device", device);
        json.add("machine", Machine.json());
        if (!metrics.isEmpty()) {
            json.add("seconds_per_epoch", new EpochTimes(metrics).json());
        }
        return json;
    }
}
