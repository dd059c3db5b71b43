package org.charlstm.cli.model;

import com.google.gson.JsonObject;
import module java.base;
import org.charlstm.base.Json;
import org.charlstm.base.Quantity;
import org.charlstm.cli.console.Printable;
import org.charlstm.device.Activation;
import org.charlstm.io.format.PreprocessingJson;
import org.charlstm.nn.BatchNormLayer;
import org.charlstm.nn.DenseLayer;
import org.charlstm.nn.DropoutLayer;
import org.charlstm.nn.EmbeddingLayer;
import org.charlstm.nn.ModelConfig;
import org.charlstm.nn.Prediction;
import org.charlstm.nn.RecurrentLayer;
import org.charlstm.nn.TensorSpec;
import org.charlstm.text.Preprocessing;
import org.charlstm.text.Vocabulary;

/** Describes a model to people: the table of its layers, as in Keras, and its symbols. */
public final class ModelSummary {
    private static final String ROW = "%-36s%-22s%12s";
    private static final int WIDTH = 70;
    /** The width of a row of symbols. */
    private static final int SYMBOLS = 56;
    /** How many symbols are listed with their shares. */
    private static final int FREQUENT = 3;

    private ModelSummary() {
    }

    /** The options of the model's cells, in words. Each option lists its different values, the lowest layer's first. */
    public static Map<String, String> cells(ModelConfig config) {
        return config.cells().stream().flatMap(cell -> cell.options().entrySet().stream()).distinct()
                .collect(Collectors.toMap(option -> option.getKey().replace('_', ' '), Map.Entry::getValue,
                        (all, other) -> all + ", " + other, TreeMap::new));
    }

    /** The table, one line per layer; unknown time steps (0) are shown as in Keras. */
    public static List<String> lines(ModelConfig config, int steps) {
        List<String> lines = new ArrayList<>();
        lines.add("_".repeat(WIDTH));
        lines.add(String.format(Locale.ROOT, ROW, "Layer (type)", "Output shape", "Parameters"));
        lines.add("=".repeat(WIDTH));
        if (config.features() > 0) {
            lines.add(row("condition (Dense, first states)",
                    "(None, " + config.tensors().getFirst().shape().getLast() + ")", config.conditioningParameters()));
        }
        int top = config.layers().stream().map(RecurrentLayer.class::isInstance).toList().lastIndexOf(true);
        for (int i = 0; i < config.layers().size(); i++) {
            ModelConfig.Named layer = config.named().get(i);
            boolean each = config.prediction() == Prediction.ALL || i < top;
            String shape = "(None, " + (!each ? "" : steps == 0 ? "None, " : steps + ", ") + layer.width() + ")";
            String kind = switch (layer.layer()) {
                case RecurrentLayer recurrent -> recurrent.cell().title();
                case EmbeddingLayer _ -> "Embedding";
                case DropoutLayer dropout -> "Dropout " + dropout.rate();
                case BatchNormLayer _ -> "BatchNorm";
                case DenseLayer _ -> each ? "TimeDistributed Dense" : "Dense";
            };
            lines.add(row(layer.name() + " (" + kind + ")", shape, layer.parameters()));
            if (layer.layer() instanceof DenseLayer dense) {
                String activation = layer.equals(config.named().getLast()) ? "softmax" : title(dense.activation());
                lines.add(row(layer.name() + " (" + activation + ")", shape, 0));
            }
        }
        lines.add("=".repeat(WIDTH));
        lines.add(String.format(Locale.ROOT, "Total parameters: %,d", config.parameters()));
        long untrained = config.tensors().stream().filter(tensor -> !tensor.trained()).mapToLong(TensorSpec::size)
                .sum();
        if (untrained > 0) {
            lines.add(String.format(Locale.ROOT, "Not trained: %,d", untrained));
        }
        return lines;
    }

    private static String title(Activation activation) {
        return switch (activation) {
            case LINEAR -> "linear";
            case RELU -> "ReLU";
            case TANH -> "tanh";
        };
    }

    private static String row(String layer, String shape, long parameters) {
        return String.format(Locale.ROOT, ROW, layer, shape, String.format(Locale.ROOT, "%,d", parameters));
    }

    /** Whether all letters that have two cases are lower case. */
    private static boolean isLowerCase(Vocabulary vocabulary) {
        return vocabulary.characters().codePoints().anyMatch(Character::isLowerCase) && vocabulary.characters()
                .codePoints().noneMatch(c -> Character.isUpperCase(c) || Character.isTitleCase(c));
    }

    /** Adds rows about the symbols: their number, and each symbol in id order. */
    static void symbols(List<String> lines, Vocabulary vocabulary) {
        int characters = vocabulary.size() - (vocabulary.hasMarkers() ? 2 : 0);
        ShowCommand.row(lines, "symbols", String.format(Locale.ROOT, "%s, %s start and end%s",
                Quantity.of(characters, "characters"),
                vocabulary.hasMarkers() ? "then" : "no", isLowerCase(vocabulary) ? "; lower case only" : ""));
        ShowCommand.row(lines, "takes text", words(vocabulary.preprocessing()));
        StringBuilder line = new StringBuilder();
        for (int id = 0; id < characters; id++) {
            String symbol = Printable.symbol(vocabulary.name(id));
            if (!line.isEmpty() && line.length() + 1 + symbol.length() > SYMBOLS) {
                ShowCommand.row(lines, "", line.toString());
                line.setLength(0);
            }
            line.append(line.isEmpty() ? "" : " ").append(symbol);
        }
        ShowCommand.row(lines, "", line.toString());
        ShowCommand.row(lines, "begins with", frequent(vocabulary));
    }

    /** The most frequent symbols of the learned text, with their shares; empty if unknown. */
    private static String frequent(Vocabulary vocabulary) {
        long[] counts = vocabulary.counts();
        if (counts == null) {
            return "";
        }
        double total = LongStream.of(counts).sum();
        return "each as often as its text has it: " + IntStream.range(0, counts.length).boxed()
                .sorted(Comparator.comparingLong(id -> -counts[id])).limit(FREQUENT)
                .map(id -> String.format(Locale.ROOT, "%s %.1f %%", Printable.symbol(vocabulary.name(id)),
                        100 * counts[id] / total))
                .collect(Collectors.joining(", "));
    }

    private static String words(Preprocessing how) {
        List<String> parts = new ArrayList<>();
        if (how.form() != null) {
            parts.add("in " + how.form());
        }
        if (how.lowerCase()) {
            parts.add("in lower case");
        }
        if (how.alphabet() != null) {
            parts.add("without characters beyond an alphabet of "
                    + how.alphabet().codePointCount(0, how.alphabet().length()));
        }
        if (how.minCount() > 0) {
            parts.add("with U+FFFD for those that it had less than " + Quantity.of(how.minCount(), "times"));
        }
        return String.join(", ", parts);
    }

    static JsonObject json(Vocabulary vocabulary) {
        JsonObject json = new JsonObject();
        json.addProperty("symbols", vocabulary.size());
        json.addProperty("characters", vocabulary.characters());
        json.addProperty("start_and_end", vocabulary.hasMarkers());
        json.addProperty("lower_case_only", isLowerCase(vocabulary));
        if (!vocabulary.preprocessing().equals(Preprocessing.NONE)) {
            json.add("preprocessing", PreprocessingJson.of(vocabulary.preprocessing()));
        }
        long[] counts = vocabulary.counts();
        if (counts != null) {
            json.add("counts", Json.array(LongStream.of(counts).boxed().toList()));
        }
        return json;
    }
}
