package org.charlstm.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.charlstm.CharlstmException;
import org.charlstm.device.RecurrentActivation;
import org.charlstm.io.ConfigJson;
import org.charlstm.io.Json;
import org.charlstm.io.ModelFile;
import org.charlstm.io.Safetensors;
import org.charlstm.run.RunFolder;
import org.charlstm.run.RunState;
import org.charlstm.run.StateFile;

/**
 * The description of a model in a file, for people and for scripts.
 *
 * @param model  the model; empty for files of other programs
 * @param state  where the run was that the file is of or lies with
 * @param run    the run that the file lies with
 * @param lost   why the state that the file lies with cannot be read; empty if it can
 */
record ShownModel(Path file, Safetensors.Header header, Optional<ModelFile.Outline> model,
        Optional<StateFile.Summary> state,
        Optional<ShownRun> run, String lost) {
    /** The keys that {@link ModelFile} and {@link StateFile} write. */
    private static final Set<String> OWN = Set.of("format", "config", "vocabulary", "run", "best", ModelFile.LAYOUT,
            ModelFile.IMPORTED);
    private static final Set<String> UNSAID =
            Set.of("accumulate 1", "padding lab", "streams false", "warm up 0", "nesterov false",
                    "schedule constant", "schedule Constant[]");
    private static final String STATE_BESIDE = "state beside it";
    /** How PyTorch names the first tensor of a first LSTM. */
    private static final String PYTORCH = "lstm.weight_ih_l0";

    /** Reads a file's header, and what lies with it of a run. */
    static ShownModel read(Path file) {
        Safetensors.Header header = Safetensors.readHeader(file);
        Optional<ModelFile.Outline> model = ModelFile.outline(file, header);
        Optional<ShownRun> run = model.isPresent() ? ShownRun.of(file) : Optional.empty();
        Optional<StateFile.Summary> state = model.isPresent() ? StateFile.summary(file, header.metadata())
                : Optional.empty();
        if (state.isEmpty() && run.isPresent()) {
            Path beside = file.resolveSibling(StateFile.NAME);
            try {
                state = Files.exists(beside) ? StateFile.summary(beside, Safetensors.readHeader(beside).metadata())
                        : Optional.empty();
            } catch (CharlstmException e) {
                return new ShownModel(file, header, model, state, run, e.getMessage());
            }
        }
        return new ShownModel(file, header, model, state, run, "");
    }

    private Optional<RunState.Best> bestOf() {
        return RunFolder.bestOf(header.metadata());
    }

    private boolean isState() {
        return header.tensors().stream().anyMatch(tensor -> tensor.name().startsWith(ModelFile.OPTIMISER));
    }

    private String kind() {
        if (model.isEmpty()) {
            return header.tensors().stream().anyMatch(tensor -> tensor.name().equals(PYTORCH)) ? "pytorch"
                    : "safetensors";
        }
        return isState() ? "state" : model.orElseThrow().vocabulary() == null ? "weights" : "model";
    }

    private String kindForPeople() {
        return switch (kind()) {
            case "pytorch" -> "weights under PyTorch's names, as charlstm export writes them; no model file";
            case "safetensors" -> "a safetensors file of another program; no model of charlstm";
            case "state" -> "the state of a run, with its model";
            case "weights" -> "the weights of a model, without its vocabulary";
            default -> bestOf().map(best -> "the model of the lowest " + best.title() + ", " + best(best))
                    .orElse("a model");
        };
    }

    private static String best(RunState.Best best) {
        return String.format(Locale.ROOT, "%.4f after epoch %d", best.loss(), best.epoch());
    }

    List<String> lines() {
        List<String> lines = new ArrayList<>();
        lines.add(row("file", file.toString()));
        lines.add(row("is", kindForPeople()));
        model.ifPresentOrElse(outline -> lines.addAll(model(outline)), () -> lines.addAll(tensors()));
        state.ifPresentOrElse(of -> lines.addAll(state(of)), () -> trainedWith(layout()).ifPresent(lines::add));
        if (!lost.isEmpty()) {
            lines.add(row(STATE_BESIDE, lost));
        }
        run.ifPresent(of -> lines.addAll(of.lines(state.isEmpty())));
        Optional.ofNullable(header.metadata().get(ModelFile.IMPORTED))
                .ifPresent(from -> lines.add(row("imported from", from)));
        foreign().forEach((name, value) -> lines.add(row("metadata", name + ": " + value)));
        return lines;
    }

    /** Whether a setting does not go without saying. */
    static boolean tells(String setting) {
        return !UNSAID.contains(setting);
    }

    static String row(String name, String value) {
        return String.format(Locale.ROOT, "%-22s%s", name, value);
    }

    private static List<String> model(ModelFile.Outline outline) {
        List<String> lines = new ArrayList<>(ModelSummary.lines(outline.config(), outline.steps()));
        lines.add(row("recurrent activation", outline.config().recurrentActivations().stream()
                .map(RecurrentActivation::toString).distinct().collect(Collectors.joining(", "))));
        if (outline.vocabulary() == null) {
            lines.add(row("symbols", outline.config().symbols() + ", which the file does not name"));
        } else {
            lines.addAll(new ShownVocabulary(outline.vocabulary()).lines());
        }
        return lines;
    }

    private List<String> tensors() {
        return header.tensors().stream().map(tensor -> row("tensor", tensor.name() + " " + tensor.dtype() + " "
                + tensor.shape())).toList();
    }

    private List<String> state(StateFile.Summary of) {
        List<String> lines = new ArrayList<>();
        lines.add(row(isState() ? "state" : STATE_BESIDE, of.whole() || of.epoch() == 0
                ? "after epoch " + of.epoch() : "in epoch " + of.epoch() + ", after " + of.rows() + " of its rows"));
        trainedWith(of.settings()).ifPresent(lines::add);
        Optional.ofNullable(of.options().get("epochs")).ifPresent(epochs -> lines.add(row("epochs asked for", epochs)));
        RunState.Best best = of.best();
        if (best != null) {
            lines.add(row("lowest " + best.title(), " " + best(best)));
        }
        return lines;
    }

    private Map<String, String> layout() {
        return ModelFile.layout(file, header.metadata());
    }

    private static Optional<String> trainedWith(Map<String, String> settings) {
        return Optional.of(settings.entrySet().stream()
                .filter(setting -> !setting.getValue().equals("Infinity"))
                .map(setting -> setting.getKey().replace('_', ' ') + " " + setting.getValue())
                .filter(ShownModel::tells)
                .collect(Collectors.joining(", "))).filter(said -> !said.isEmpty())
                .map(said -> row("trained with", said));
    }

    /** The strings of a header that mean nothing to charlstm. */
    private Map<String, String> foreign() {
        return header.metadata().entrySet().stream().filter(entry -> model.isEmpty() || !OWN.contains(entry.getKey()))
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue, (one, other) -> one,
                        LinkedHashMap::new));
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
                json.add("vocabulary", new ShownVocabulary(outline.vocabulary()).json());
            }
        });
        if (!layout().isEmpty()) {
            JsonObject layout = new JsonObject();
            layout().forEach(layout::addProperty);
            json.add("layout", layout);
        }
        bestOf().ifPresent(best -> json.add("best_of", Json.of(best)));
        state.ifPresent(of -> json.add("state", Json.of(of)));
        run.ifPresent(of -> json.add("run", of.json()));
        JsonArray tensors = new JsonArray();
        header.tensors().forEach(tensor -> {
            JsonObject shown = Json.of(tensor);
            List.of("begin", "end").forEach(shown::remove);
            tensors.add(shown);
        });
        json.add("tensors", tensors);
        JsonObject metadata = new JsonObject();
        header.metadata().entrySet().stream()
                .filter(entry -> entry.getKey().equals(ModelFile.IMPORTED) || foreign().containsKey(entry.getKey()))
                .forEach(entry -> metadata.addProperty(entry.getKey(), entry.getValue()));
        json.add("metadata", metadata);
        return json;
    }
}
