package org.charlstm.run.folder;

import com.google.gson.JsonObject;
import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.base.IoFailure;
import org.charlstm.base.Json;
import org.charlstm.base.Refuse;
import org.charlstm.base.Setting;
import org.charlstm.base.UntrustedJson;
import org.charlstm.io.ModelFile;
import org.charlstm.io.SavedModel;
import org.charlstm.nn.Tensor;
import org.charlstm.nn.Weights;
import org.charlstm.train.Figures;
import org.charlstm.train.Schedule;
import org.charlstm.train.TrainingState;
import org.jspecify.annotations.Nullable;

/**
 * A run's state in a file. It is a model file that also has the update rule's states, for example
 * {@code optimiser.mean_square.lstm_1.kernel}, and the run's position in its metadata.
 */
public final class StateFile {
    /** The latest state's name inside a run's folder. */
    public static final String NAME = "state.safetensors";

    private static final String RUN = "run";
    /** A limit far above the number of JSON values in any run's options. */
    private static final int MAX_VALUES = 10_000;

    /** The metadata in addition to the model's. */
    private record Description(int epoch, int rows, boolean whole, List<Double> totals, double seconds,
            List<String> states, JsonObject settings, String text, JsonObject options, Figures.@Nullable Best best,
            Schedule.Course schedule) {
        /** Refuses missing members, which the parser leaves null, and numbers that are not finite. */
        private Description {
            UntrustedJson.require(totals != null, "totals is missing");
            UntrustedJson.require(states != null, "states is missing");
            UntrustedJson.require(settings != null, "settings is missing");
            UntrustedJson.require(text != null, "text is missing");
            UntrustedJson.require(options != null, "options is missing");
            UntrustedJson.require(schedule != null, "schedule is missing");
            if (best != null) {
                RunState.requireBest(best);
            }
        }
    }

    /** A state without its tensors; its epoch is 0 before the first. */
    public record Summary(int epoch, int rows, boolean whole, Map<String, String> settings,
            Map<String, @Nullable String> options, Figures.@Nullable Best best) {
        /** Copies the maps. */
        public Summary {
            settings = Collections.unmodifiableMap(new LinkedHashMap<>(settings));
            options = Collections.unmodifiableMap(new LinkedHashMap<>(options));
        }
    }

    /** Resolves a link to a run, such as {@code runs/latest}, which may soon lead elsewhere. */
    public static Path settled(Path run) {
        boolean isFolder = Files.isDirectory(run);
        Path folder = isFolder ? run : Objects.requireNonNullElse(run.getParent(), Path.of("."));
        try {
            Path target = Files.isSymbolicLink(folder) ? folder.toRealPath() : folder;
            return isFolder ? target : target.resolve(run.getFileName());
        } catch (IOException e) {
            throw new CharlstmException(run + " cannot be read: " + IoFailure.of(e), e);
        }
    }

    /** Writes a state atomically; a failure leaves an old file untouched. */
    public static void save(Path file, RunState state) {
        List<Tensor> tensors = new ArrayList<>();
        TrainingState training = state.training();
        training.states().forEach((name, weights) -> weights.tensors().forEach(tensor -> tensors
                .add(tensor.named(ModelFile.OPTIMISER + name + "." + tensor.name()))));
        training.carried().forEach(tensor -> tensors.add(new Tensor(ModelFile.CARRIED + tensor.name(), tensor.shape(),
                tensor.values())));
        JsonObject settings = new JsonObject();
        state.settings().forEach(settings::addProperty);
        JsonObject options = new JsonObject();
        state.options().forEach(options::addProperty);
        Description description = new Description(training.epoch(), training.rows(), state.whole(),
                Arrays.stream(training.totals()).boxed().toList(), training.seconds(),
                List.copyOf(training.states().keySet()), settings, state.text(), options, state.best(),
                training.course());
        ModelFile.save(file, state.model(), tensors, Map.of(RUN, Json.compact(Json.of(description))));
    }

    /** Reads a state, without trust. */
    public static RunState load(Path path) {
        Path file = Files.isDirectory(path) ? path.resolve(NAME) : path;
        Refuse.inputIf(!Files.exists(file), file + " does not exist; name the folder of a run, or a state in it");
        ModelFile.Content content = ModelFile.read(file);
        SavedModel model = content.model();
        String run = content.metadata().get(RUN);
        if (run == null || model.vocabulary() == null) {
            throw new CharlstmException(file + " is a model without the state of a run; a new run can start from its "
                    + "weights alone").mendedBy(Setting.INITIAL_MODEL);
        }
        return described(file, () -> {
            Description description = description(run);
            Map<String, Weights> states = new LinkedHashMap<>();
            for (String name : description.states) {
                states.put(name, weights(file, model, name, content.optimiser()));
            }
            return new RunState(model,
                    new TrainingState(model.weights(), states, description.epoch, description.rows,
                            description.totals.stream().mapToDouble(Double::doubleValue).toArray(), description.seconds,
                            description.schedule, content.carried()),
                    description.whole, strings(description.settings), description.text, options(description.options),
                    description.best);
        });
    }

    /** Reads a state's metadata; empty if the file is not a state. */
    public static Optional<Summary> summary(Path file, Map<String, String> metadata) {
        return Optional.ofNullable(metadata.get(RUN)).map(run -> described(file, () -> {
            Description description = description(run);
            return new Summary(description.epoch, description.rows, description.whole,
                    strings(description.settings), options(description.options), description.best);
        }));
    }

    private static Description description(String run) {
        return Json.as(Json.parse(run, MAX_VALUES), Description.class);
    }

    private static <T> T described(Path file, Supplier<T> reading) {
        return UntrustedJson.read(file + " has a broken description of its run in its metadata", "restore it, or go on "
                + "from another of the run's states", reading);
    }

    private static Weights weights(Path file, SavedModel model, String state, Map<String, Tensor> tensors) {
        Weights weights = new Weights(model.config(), model.config().tensors().stream().map(spec -> {
            Tensor tensor = tensors.get(state + "." + spec.name());
            if (tensor == null) {
                throw new IllegalArgumentException("no " + state + " of " + spec.name());
            }
            return tensor.named(spec.name());
        }).toList());
        weights.requireFinite(file + ", " + state);
        return weights;
    }

    private static Map<String, String> strings(JsonObject json) {
        Map<String, String> strings = new LinkedHashMap<>();
        json.keySet().forEach(name -> strings.put(name, UntrustedJson.string(json, name)));
        return strings;
    }

    private static Map<String, @Nullable String> options(JsonObject json) {
        Map<String, @Nullable String> options = new LinkedHashMap<>();
        json.asMap().forEach((name, value) -> options.put(name,
                value.isJsonNull() ? null : UntrustedJson.argument(name, value)));
        return options;
    }
}
