package org.charlstm.io;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.base.Json;
import org.charlstm.base.Refuse;
import org.charlstm.base.UntrustedJson;
import org.charlstm.device.Activation;
import org.charlstm.device.RecurrentActivation;
import org.charlstm.device.RecurrentCell;
import org.charlstm.io.format.ConfigJson;
import org.charlstm.io.format.PreprocessingJson;
import org.charlstm.io.format.Safetensors;
import org.charlstm.nn.DenseLayer;
import org.charlstm.nn.Layer;
import org.charlstm.nn.ModelConfig;
import org.charlstm.nn.RecurrentLayer;
import org.charlstm.nn.Tensor;
import org.charlstm.nn.TensorSpec;
import org.charlstm.nn.Weights;
import org.charlstm.text.Captions;
import org.charlstm.text.Vocabulary;
import org.jspecify.annotations.Nullable;

/** Reads and writes models: safetensors in Keras' shapes, with JSON in its metadata. Equal runs give equal bytes. */
public final class ModelFile {
    /** The model's name inside a run's folder. */
    public static final String NAME = "model.safetensors";

    /** The prefix of the names of an optimiser's states. */
    public static final String OPTIMISER = "optimiser.";
    /** The prefix of the names of tensors that layers carry from one batch to the next. */
    public static final String CARRIED = "carried.";

    /** The name of a tensor that every recurrent PyTorch module has. */
    private static final Pattern OF_PYTORCH = Pattern.compile("(.+\\.)?weight_ih_l0");
    private static final String FORMAT = "charlstm-1";
    /** The metadata key, in an imported model, of the program that wrote the original. */
    public static final String IMPORTED = "imported_from";

    private static final String CONFIG = "config";
    private static final String VOCABULARY = "vocabulary";
    private static final String COUNTS = "counts";
    /** The metadata key of the layout of a model's training text. */
    public static final String LAYOUT = "layout";
    private static final String RESTORE = "restore the file, or name another";
    /** A limit far above the number of JSON values in any configuration. */
    private static final int MAX_VALUES = 10_000;
    /** The same limit for a vocabulary, which may have a count for each possible character. */
    private static final int MAX_COUNTS = MAX_VALUES + Character.MAX_CODE_POINT;

    /** The content of a model file. The names of an optimiser's states and of carried tensors have no prefix here. */
    public record Content(SavedModel model, Map<String, Tensor> optimiser, List<Tensor> carried,
            Map<String, String> metadata) {
    }

    /** A model without weights. If unknown, {@code steps} (T of the training text) is 0 and the vocabulary null. */
    public record Outline(ModelConfig config, int steps, @Nullable Vocabulary vocabulary) {
    }

    private ModelFile() {
    }

    /** Writes a model with its vocabulary, atomically, and replaces links too. A failure leaves an old file. */
    public static void save(Path file, SavedModel model) {
        save(file, model, List.of(), Map.of());
    }

    /**
     * Writes a model and other tensors, atomically.
     *
     * @param model  the model, with its vocabulary
     * @param beside more tensors; their names begin with {@link #OPTIMISER} or {@link #CARRIED}
     * @param more   metadata in addition to the model's
     * @throws CharlstmException if the file cannot be written; an old file is then untouched
     */
    public static void save(Path file, SavedModel model, List<Tensor> beside, Map<String, String> more) {
        Vocabulary symbols = model.requireVocabulary();
        JsonObject vocabulary = Json.object("characters", symbols.characters());
        if (symbols.hasMarkers()) {
            vocabulary.addProperty("start", symbols.start());
            vocabulary.addProperty("end", symbols.end());
        }
        PreprocessingJson.of(symbols.preprocessing()).asMap().forEach(vocabulary::add);
        long[] counts = symbols.counts();
        if (counts != null) {
            JsonArray each = new JsonArray();
            LongStream.of(counts).forEach(each::add);
            vocabulary.add(COUNTS, each);
        }
        Map<String, String> metadata = new LinkedHashMap<>();
        metadata.put("format", FORMAT);
        metadata.put(CONFIG, Json.compact(ConfigJson.of(model.config(), model.steps())));
        metadata.put(VOCABULARY, Json.compact(vocabulary));
        if (!model.layout().isEmpty()) {
            JsonObject layout = new JsonObject();
            new TreeMap<>(model.layout()).forEach(layout::addProperty);
            metadata.put(LAYOUT, Json.compact(layout));
        }
        metadata.putAll(more);
        Safetensors.write(file, Stream.concat(model.weights().tensors().stream(), beside.stream()).toList(), metadata);
    }

    /** Reads a model from a file or a run's folder. Fails if the file is unreadable, broken, or has no vocabulary. */
    public static SavedModel load(Path path) {
        SavedModel model = loadTensors(path);
        if (model.vocabulary() == null) {
            throw new CharlstmException(path + " holds bare tensors without a vocabulary; give it one by a run of 0 "
                    + "epochs that starts from it");
        }
        return model;
    }

    /**
     * Reads a model, or another program's bare tensors, from a file or a run's folder. For bare tensors the vocabulary
     * is null and the steps are 0. Fails if the file cannot be read or is inconsistent.
     */
    public static SavedModel loadTensors(Path path) {
        return loadTensors(path, Map.of());
    }

    /**
     * The same, with settings of the cells that bare tensors do not tell.
     *
     * @param unsaid values of {@link RecurrentCell#options} for bare tensors; a missing option has its usual value.
     *               Ignored for a file that has a configuration
     */
    public static SavedModel loadTensors(Path path, Map<String, String> unsaid) {
        Path file = Files.isDirectory(path) ? path.resolve(NAME) : path;
        Refuse.inputIf(!Files.exists(file), file + " does not exist; name a model file or a run's folder");
        return read(file, unsaid).model();
    }

    /** Reads a whole model file, the model as {@link #loadTensors} does. Fails if the file is unreadable or broken. */
    public static Content read(Path file) {
        return read(file, Map.of());
    }

    private static Content read(Path file, Map<String, String> unsaid) {
        Safetensors content = Safetensors.read(file);
        Map<String, Tensor> own = new LinkedHashMap<>();
        Map<String, Tensor> optimiser = new LinkedHashMap<>();
        List<Tensor> carried = new ArrayList<>();
        content.tensors().forEach((name, tensor) -> {
            if (name.startsWith(OPTIMISER)) {
                optimiser.put(name.substring(OPTIMISER.length()), tensor);
            } else if (name.startsWith(CARRIED)) {
                carried.add(tensor.named(name.substring(CARRIED.length())));
            } else {
                own.put(name, tensor);
            }
        });
        return new Content(model(file, own, content.metadata(), unsaid), optimiser, carried, content.metadata());
    }

    /**
     * The model that a file's header describes. Empty if the header has neither charlstm's metadata nor tensors with
     * charlstm's names.
     *
     * @param file   the file's name for messages
     * @param shapes the shapes of all tensors by name
     * @throws CharlstmException if the header contradicts itself
     */
    public static Optional<Outline> outline(Path file, Map<String, List<Integer>> shapes,
            Map<String, String> metadata) {
        Map<String, List<Integer>> own = new LinkedHashMap<>(shapes);
        own.keySet().removeIf(name -> name.startsWith(OPTIMISER) || name.startsWith(CARRIED));
        return isDescribed(metadata)
                || RecurrentCell.KINDS.stream().anyMatch(kind -> own.keySet().containsAll(telling(kind)))
                        ? Optional.of(outline(file, own, metadata, Map.of())) : Optional.empty();
    }

    /** The names of the tensors whose shapes tell a model's sizes if the file has no configuration. */
    private static List<String> telling(String kind) {
        return List.of(kind + "_1.kernel", kind + "_1.recurrent_kernel", "dense_1.kernel");
    }

    /** Whether a name is the name of the first kernel of a recurrent PyTorch module. */
    public static boolean isOfPyTorch(String name) {
        return OF_PYTORCH.matcher(name).matches();
    }

    private static boolean isDescribed(Map<String, String> metadata) {
        return metadata.containsKey(CONFIG) && metadata.containsKey(VOCABULARY);
    }

    private static SavedModel model(Path file, Map<String, Tensor> tensors, Map<String, String> metadata,
            Map<String, String> unsaid) {
        Map<String, List<Integer>> shapes = new LinkedHashMap<>();
        tensors.forEach((name, tensor) -> shapes.put(name, tensor.shape()));
        Outline outline = outline(file, shapes, metadata, unsaid);
        Weights weights = new Weights(outline.config, outline.config.tensors().stream()
                .map(spec -> Objects.requireNonNull(tensors.get(spec.name()), "its shape fits")).toList());
        weights.requireFinite(file.toString());
        return new SavedModel(outline.config, outline.steps, outline.vocabulary, weights, layout(file, metadata));
    }

    /** Reads a file's {@link SavedModel#layout} from its metadata. Fails if the layout is broken. */
    public static Map<String, String> layout(Path file, Map<String, String> metadata) {
        return UntrustedJson.read(file + " has a broken description of its text's layout in its metadata", RESTORE,
                () -> {
                    Map<String, String> layout = new LinkedHashMap<>();
                    JsonObject json = Json.parse(metadata.getOrDefault(LAYOUT, "{}"), MAX_VALUES);
                    json.keySet().forEach(name -> layout.put(name, UntrustedJson.string(json, name)));
                    return layout;
                });
    }

    private static Outline outline(Path file, Map<String, List<Integer>> shapes, Map<String, String> metadata,
            Map<String, String> unsaid) {
        if (!isDescribed(metadata)) {
            ModelConfig config = inferred(file, shapes, unsaid);
            requireShapes(file, config, shapes);
            return new Outline(config, 0, null);
        }
        Refuse.inputIf(!FORMAT.equals(metadata.get("format")),
                file + " is not in the format " + FORMAT + "; another program or a newer charlstm wrote it");
        return UntrustedJson.read(file + " has a broken description of its model in its metadata", RESTORE, () -> {
            JsonObject json = Json.parse(said(metadata, CONFIG), MAX_VALUES);
            ModelConfig config = ConfigJson.config(json);
            JsonObject described = Json.parse(said(metadata, VOCABULARY), MAX_COUNTS);
            Vocabulary vocabulary = vocabulary(file, described);
            int steps = UntrustedJson.integer(json, "steps");
            if (vocabulary.size() != config.symbols() || steps < 1 || steps > Captions.MAX_LENGTH + 1
                    || (vocabulary.hasMarkers() && (UntrustedJson.integer(described, "start") != vocabulary.start()
                            || UntrustedJson.integer(described, "end") != vocabulary.end()))) {
                throw new CharlstmException(file + " describes a model that does not fit together: " + json + " with "
                        + vocabulary.size() + " symbols");
            }
            requireShapes(file, config, shapes);
            return new Outline(config, steps, vocabulary);
        });
    }

    private static String said(Map<String, String> metadata, String key) {
        return Objects.requireNonNull(metadata.get(key), "it has been looked for");
    }

    /** Reads a vocabulary. It has start and end symbols if the JSON names a start or an end. */
    private static Vocabulary vocabulary(Path file, JsonObject json) {
        String characters = UntrustedJson.string(json, "characters");
        try {
            Vocabulary plain = json.has("start") || json.has("end") ? Vocabulary.ofCharacters(characters)
                    : Vocabulary.withoutMarkers(characters);
            Vocabulary taking = plain.preprocessed(PreprocessingJson.read(json));
            return json.has(COUNTS) ? taking.counted(UntrustedJson
                    .each(COUNTS, json.get(COUNTS), (name, count) -> UntrustedJson.whole(name, count, Long.MAX_VALUE))
                    .stream().mapToLong(Long::longValue).toArray()) : taking;
        } catch (CharlstmException e) {
            throw new CharlstmException(file + ": " + e.getMessage(), e);
        }
    }

    /** Infers a model from the names and shapes of bare tensors, with the usual settings where tensors tell nothing. */
    private static ModelConfig inferred(Path file, Map<String, List<Integer>> shapes, Map<String, String> unsaid) {
        Refuse.inputIf(shapes.keySet().stream().anyMatch(ModelFile::isOfPyTorch),
                file + " holds weights by PyTorch's names, as an export does, and no vocabulary; take the model that "
                        + "was exported, or import it: charlstm import");
        List<String> kinds =
                RecurrentCell.KINDS.stream().filter(kind -> shapes.containsKey(kind + "_1.kernel")).toList();
        Refuse.inputIf(kinds.size() > 1,
                file + " does not say in which order its layers " + kinds + " come; name a model file, which does");
        Refuse.inputIf(
                kinds.isEmpty() || !telling(kinds.getFirst()).stream()
                        .allMatch(name -> shapes.containsKey(name) && shapes.get(name).size() == 2),
                file + " does not hold kernel and recurrent_kernel of lstm_1, gru_1 or rnn_1, and dense_1.kernel, as "
                        + "matrices; it is not a model of this kind");
        String kind = kinds.getFirst();
        int symbols = dimensions(shapes, kind + "_1.kernel").getFirst();
        int units = dimensions(shapes, kind + "_1.recurrent_kernel").getFirst();
        try {
            RecurrentCell cell = RecurrentCell.of(kind, option -> switch (option) {
                case RecurrentCell.GATES -> unsaid.getOrDefault(option, RecurrentActivation.SIGMOID.toString());
                case RecurrentCell.RESET ->
                    String.valueOf(shapes.getOrDefault(kind + "_1.bias", List.of()).size() == 2);
                default -> unsaid.getOrDefault(option, Activation.TANH.title());
            });
            Stream<Layer> recurrent =
                    Stream.generate(() -> (Layer) new RecurrentLayer(units, cell)).limit(count(kind + "_", shapes));
            Stream<Layer> middle = IntStream.rangeClosed(1, count("dense_", shapes) - 1)
                    .mapToObj(layer -> dimensions(shapes, "dense_" + layer + ".kernel"))
                    .map(shape -> new DenseLayer(shape.getLast(), Activation.RELU));
            return ModelConfig.of(symbols, Stream.concat(recurrent, middle).toList());
        } catch (IllegalArgumentException e) {
            throw new CharlstmException(file + " does not fit: " + e.getMessage(), e);
        }
    }

    private static List<Integer> dimensions(Map<String, List<Integer>> shapes, String name) {
        return Objects.requireNonNull(shapes.get(name), "it has been looked for");
    }

    /** The number of layers whose names have this prefix. */
    private static int count(String name, Map<String, List<Integer>> shapes) {
        return (int) IntStream.rangeClosed(1, ModelConfig.MAX_LAYERS + 1)
                .takeWhile(layer -> shapes.containsKey(name + layer + ".kernel")).count();
    }

    private static void requireShapes(Path file, ModelConfig config, Map<String, List<Integer>> shapes) {
        for (TensorSpec spec : config.tensors()) {
            List<Integer> shape = shapes.get(spec.name());
            if (!spec.shape().equals(shape)) {
                throw new CharlstmException(file + ": the tensor " + spec.name() + " is "
                        + (shape == null ? "missing" : "of shape " + shape) + "; it must be of shape " + spec.shape());
            }
        }
        for (String name : shapes.keySet()) {
            if (config.tensors().stream().noneMatch(spec -> spec.name().equals(name))) {
                throw new CharlstmException(file + " holds a tensor " + name + " that the model has no place for");
            }
        }
    }
}
