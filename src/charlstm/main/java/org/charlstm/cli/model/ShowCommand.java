package org.charlstm.cli.model;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.base.Json;
import org.charlstm.base.Quantity;
import org.charlstm.cli.options.ModelArgument;
import org.charlstm.cli.options.Subcommand;
import org.charlstm.io.ModelFile;
import org.charlstm.io.format.ConfigJson;
import org.charlstm.io.format.Safetensors;
import org.charlstm.run.folder.RunFolder;
import org.charlstm.run.folder.RunJson;
import org.charlstm.run.folder.StateFile;
import org.charlstm.train.Figures;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "show", sortOptions = false,
        description = {
            "Prints what a model is: its layers, its characters, how it was trained and where it comes from.",
            "Of a safetensors file that another program wrote it prints the tensors. No values are read."})
public final class ShowCommand extends Subcommand {
    /** The keys that {@link ModelFile} and {@link StateFile} write. */
    private static final Set<String> OWN =
            Set.of("format", "config", "vocabulary", "run", "best", ModelFile.LAYOUT, ModelFile.IMPORTED);
    /** Settings that are not shown, because they are usual. */
    private static final Set<String> UNSAID = Set.of("accumulate 1", "padding lab", "streams false", "warm up 0",
            "nesterov false", "schedule constant");
    private static final Pattern RECORD = Pattern.compile("(\\w+)\\[(.*)]");
    private static final String STATE_BESIDE = "state beside it";

    @Mixin
    private ModelArgument argument;

    @Option(names = "--json", description = "Print a JSON object.")
    private boolean json;

    @Override
    public Integer call() {
        Shown shown = Shown.read(argument.file(console()));
        if (json) {
            console().json(Json.pretty(shown.json()));
        } else {
            shown.lines().forEach(line -> console().line(CharlstmException.line(line)));
        }
        return 0;
    }

    /** Adds a line with a name and a value, unless the value is empty. */
    static void row(List<String> lines, String name, String value) {
        if (!value.isEmpty()) {
            lines.add(String.format(Locale.ROOT, "%-22s%s", name, value));
        }
    }

    /** Adds the settings of a training, except the usual ones. */
    static void trainedWith(List<String> lines, Map<String, String> settings) {
        row(lines, "trained with",
                settings.entrySet().stream().filter(setting -> !setting.getValue().equals("Infinity"))
                        .map(setting -> setting.getKey().replace('_', ' ') + " " + inWords(setting.getValue()))
                        .filter(setting -> !UNSAID.contains(setting)).collect(Collectors.joining(", ")));
    }

    /** The name and values of a record's string form, such as {@code RmsProp[decay=0.9, weightDecay=0.0]}. */
    private static String inWords(String value) {
        Matcher record = RECORD.matcher(value);
        if (!record.matches()) {
            return value;
        }
        String values = record.group(2).replace('=', ' ').replaceAll("(?<=[a-z])(?=[A-Z])", " ")
                .toLowerCase(Locale.ROOT).replaceAll("(?<=\\d)e(?=-?\\d)", "E");
        return record.group(1).toLowerCase(Locale.ROOT) + (values.isEmpty() ? "" : " (" + values + ")");
    }

    /**
     * A file's header, and the run in whose folder the file lies.
     *
     * @param model the model; empty for files of other programs
     * @param state the run's state that belongs to the file or lies beside it
     * @param lost  why the state beside the file cannot be read; empty if it can be
     */
    private record Shown(Path file, Safetensors.Header header, Optional<ModelFile.Outline> model,
            Optional<StateFile.Summary> state, Optional<Run> run, String lost) {
        static Shown read(Path file) {
            Safetensors.Header header = Safetensors.readHeader(file);
            Optional<ModelFile.Outline> model = ModelFile.outline(file, header.shapes(),
                    header.metadata());
            Optional<Run> run = model.flatMap(_ -> Run.of(file));
            Optional<StateFile.Summary> state = model.flatMap(_ -> StateFile.summary(file, header.metadata()));
            String lost = "";
            Path beside = file.resolveSibling(StateFile.NAME);
            if (state.isEmpty() && run.isPresent() && Files.exists(beside)) {
                try {
                    state = StateFile.summary(beside, Safetensors.readHeader(beside).metadata());
                } catch (CharlstmException e) {
                    lost = Objects.requireNonNullElse(e.getMessage(), "");
                }
            }
            return new Shown(file, header, model, state, run, lost);
        }

        private boolean isState() {
            return header.tensors().stream().anyMatch(tensor -> tensor.name().startsWith(ModelFile.OPTIMISER));
        }

        private String kind() {
            return model.map(outline -> isState() ? "state" : outline.vocabulary() == null ? "weights" : "model")
                    .orElseGet(() -> header.tensors().stream()
                            .map(Safetensors.Header.Entry::name).anyMatch(ModelFile::isOfPyTorch) ? "pytorch"
                                    : "safetensors");
        }

        private String kindForPeople() {
            return switch (kind()) {
                case "pytorch" -> "weights under PyTorch's names, as charlstm export writes them; no model file";
                case "safetensors" -> "a safetensors file of another program; no model of charlstm";
                case "state" -> "the state of a run, with its model";
                case "weights" -> "the weights of a model, without its vocabulary";
                default -> RunFolder.bestOf(file, header.metadata())
                        .map(best -> "the model of the lowest " + best.title() + ", " + words(best)).orElse("a model");
            };
        }

        private static String words(Figures.Best best) {
            return String.format(Locale.ROOT, "%.4f after epoch %d", best.loss(), best.epoch());
        }

        List<String> lines() {
            List<String> lines = new ArrayList<>();
            row(lines, "file", file.toString());
            row(lines, "is", kindForPeople());
            model.ifPresentOrElse(outline -> add(lines, outline), () -> header.tensors().forEach(tensor -> row(lines,
                    "tensor", tensor.name() + " " + tensor.dtype() + " " + tensor.shape())));
            state.ifPresentOrElse(of -> add(lines, of), () -> trainedWith(lines, layout()));
            row(lines, STATE_BESIDE, lost);
            run.ifPresent(of -> of.add(lines, state.isEmpty()));
            row(lines, "imported from", header.metadata().getOrDefault(ModelFile.IMPORTED, ""));
            foreign().forEach(entry -> row(lines, "metadata", entry.getKey() + ": " + entry.getValue()));
            return lines;
        }

        private static void add(List<String> lines, ModelFile.Outline outline) {
            lines.addAll(ModelSummary.lines(outline.config(), outline.steps()));
            ModelSummary.cells(outline.config()).forEach((option, value) -> row(lines, option, value));
            if (outline.vocabulary() == null) {
                row(lines, "symbols", outline.config().symbols() + ", which the file does not name");
            } else {
                ModelSummary.symbols(lines, outline.vocabulary());
            }
        }

        private void add(List<String> lines, StateFile.Summary of) {
            row(lines, isState() ? "state" : STATE_BESIDE, of.whole() || of.epoch() == 0 ? "after epoch " + of.epoch()
                    : "in epoch " + of.epoch() + ", after " + of.rows() + " of its rows");
            trainedWith(lines, of.settings());
            row(lines, "epochs asked for", Objects.requireNonNullElse(of.options().get("epochs"), ""));
            Figures.Best best = of.best();
            if (best != null) {
                row(lines, "lowest " + best.title(), " " + words(best));
            }
        }

        private Map<String, String> layout() {
            return ModelFile.layout(file, header.metadata());
        }

        /** The strings in the header that have no meaning to charlstm. */
        private Stream<Map.Entry<String, String>> foreign() {
            return header.metadata().entrySet().stream()
                    .filter(entry -> model.isEmpty() || !OWN.contains(entry.getKey()));
        }

        JsonObject json() {
            JsonObject json = new JsonObject();
            json.addProperty("file", file.toString());
            json.addProperty("kind", kind());
            model.ifPresent(outline -> {
                JsonObject config = ConfigJson.of(outline.config(), outline.steps());
                config.addProperty("parameters", outline.config().parameters());
                json.add("config", config);
                if (outline.vocabulary() != null) {
                    json.add("vocabulary", ModelSummary.json(outline.vocabulary()));
                }
            });
            if (!layout().isEmpty()) {
                json.add("layout", RunJson.typed(layout()));
            }
            RunFolder.bestOf(file, header.metadata()).ifPresent(best -> json.add("best_of", Json.of(best)));
            state.ifPresent(of -> {
                JsonObject shown = Json.of(of);
                shown.add("settings", RunJson.typed(of.settings()));
                shown.add("options", RunJson.typed(of.options()));
                json.add("state", shown);
            });
            run.ifPresent(of -> json.add("run", of.json()));
            JsonArray tensors = new JsonArray();
            header.tensors().forEach(tensor -> {
                JsonObject shown = Json.of(tensor);
                List.of("begin", "end").forEach(shown::remove);
                tensors.add(shown);
            });
            json.add("tensors", tensors);
            json.add("metadata", object(header.metadata().entrySet().stream().filter(entry -> model.isEmpty()
                    || entry.getKey().equals(ModelFile.IMPORTED) || !OWN.contains(entry.getKey()))));
            return json;
        }

        private static JsonObject object(Stream<Map.Entry<String, String>> entries) {
            JsonObject object = new JsonObject();
            entries.forEach(entry -> object.addProperty(entry.getKey(), entry.getValue()));
            return object;
        }
    }

    /** A run's description, or the reason why it cannot be read. */
    private record Run(Path folder, JsonObject said, String why) {
        /** The keys that tell where a model comes from. */
        private static final List<String> TOLD =
                List.of("started", "resumed", "rates", "seed", "options", "text", "device", "machine",
                        "seconds_per_epoch", "monitor", "best", "end", "test");

        /** The settings that tell how a model was trained. */
        private static final Set<String> ASKED = Set.of("epochs", "initializer",
                "recurrent_initializer", "forget_bias", "batch_size", "accumulate", "padding", "optimizer", "momentum",
                "nesterov", "beta1", "beta2", "epsilon", "weight_decay", "update_rule", "clip_norm", "clip_value",
                "learning_rate", "schedule", "warm_up", "decay", "decay_every", "decay_epochs", "min_rate",
                "decay_patience", "patience", "monitor", "seed");

        /** The run that a file is a model of; empty if there is none. */
        static Optional<Run> of(Path file) {
            Path folder = Objects.requireNonNullElse(file.getParent(), Path.of("."));
            if (!Files.exists(folder.resolve(RunFolder.RUN)) || !RunFolder.isModelOfRun(file)) {
                return Optional.empty();
            }
            try {
                return Optional.of(new Run(folder, RunJson.read(folder), ""));
            } catch (CharlstmException e) {
                return Optional.of(new Run(folder, new JsonObject(), e.getMessage()));
            }
        }

        private String words(String before, String after, String... path) {
            return RunJson.word(said, path).map(word -> before + word + after).orElse("");
        }

        private String counted(String before, String plural, String... path) {
            return RunJson.word(said, path)
                    .map(count -> before + count + " " + Quantity.unit(count.equals("1"), plural)).orElse("");
        }

        /** Adds rows about the run, and its requested settings if no state has them. */
        void add(List<String> lines, boolean asked) {
            row(lines, "run", folder + words(", begun ", "", "started") + (said.has("resumed")
                    ? ", gone on with " + String.join(", ", Json.strings(said.get("resumed"))) : ""));
            row(lines, "", why);
            if (asked) {
                Map<String, String> settings = RunJson.settings(said);
                settings.keySet().retainAll(ASKED);
                trainedWith(lines, settings);
            }
            String unit = RunJson.word(said, "text", "unit").orElse("captions");
            row(lines, "text", words("", "", "text", "source") + counted(", ", unit, "text", "captions")
                    + counted(", ", "characters", "text", "characters"));
            row(lines, "validation", words("", "", "text", "validation")
                    + counted(", ", unit, "text", "validation_captions"));
            // Uses the format of other losses.
            String loss = said.get("test") instanceof JsonObject test
                    && test.get(Figures.TEST_LOSS) instanceof JsonPrimitive number && number.isNumber()
                            ? String.format(Locale.ROOT, "loss %.4f", number.getAsDouble()) : "";
            row(lines, "test", loss + words(" of epoch ", "", "test", "epoch")
                    + counted(", on ", unit, "text", "test_captions"));
            row(lines, "device", words("", "", "device", "name") + words(" (", ")", "device", "description"));
            row(lines, "machine", Stream.of(words("", "", "machine", "processor"),
                    counted("", "processors", "machine", "processors"), words("", "", "machine", "os"),
                    words("Java ", "", "machine", "java"), words("charlstm ", "", "machine", "charlstm"))
                    .filter(word -> !word.isEmpty()).collect(Collectors.joining(", ")));
        }

        JsonObject json() {
            JsonObject json = new JsonObject();
            json.addProperty("folder", folder.toString());
            TOLD.stream().filter(said::has).forEach(name -> json.add(name, said.get(name)));
            if (said.get("options") instanceof JsonObject options) {
                json.add("options", RunJson.typed(options));
            }
            return json;
        }
    }
}
