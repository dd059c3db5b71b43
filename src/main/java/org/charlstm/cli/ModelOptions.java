package org.charlstm.cli;

import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;
import org.charlstm.device.RecurrentActivation;
import org.charlstm.nn.BatchNormLayer;
import org.charlstm.nn.DenseLayer;
import org.charlstm.nn.DropoutLayer;
import org.charlstm.nn.EmbeddingLayer;
import org.charlstm.nn.LstmLayer;
import org.charlstm.nn.ModelConfig;
import org.charlstm.nn.Prediction;
import org.charlstm.run.ModelLayers;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The layers of a new model. */
final class ModelOptions {
    @Option(names = "--hidden", paramLabel = "N[,N]", description = "LSTM units; of several layers of different widths "
            + "as a list, the lowest first. Default: " + ModelConfig.LAB_UNITS + ", or those of --init.")
    private @Nullable String hidden;

    @Option(names = "--layers", paramLabel = "N",
            description = "LSTM layers, one above the other. Default: 1, or as many as --hidden names, or those of "
                    + "--init.")
    private @Nullable Integer layers;

    @Option(names = "--dense", paramLabel = "N[,N]", description = "Units of the middle layer, 0 to leave it out; of "
            + "several as a list, the lowest first. Default: " + ModelConfig.LAB_UNITS + ", or those of --init.")
    private @Nullable String dense;

    @Option(names = "--embedding", paramLabel = "N",
            description = "A trained vector of N numbers for each symbol in place of a one-hot one. Default: 0 for "
                    + "none, or that of --init.")
    private @Nullable Integer embedding;

    @Option(names = "--tie-weights", description = "The last layer's kernel is the transpose of the --embedding, which "
            + "has as many units as the layer below the last.")
    private boolean tied;

    @Option(names = "--dropout", paramLabel = "P",
            description = "Drop the share P of what each LSTM layer gives, in training alone. Default: 0, or that of "
                    + "--init.")
    private @Nullable Double dropout;

    @Option(names = "--batch-norm", description = "Batch normalisation after each middle layer.")
    private boolean batchNorm;

    @Option(names = "--recurrent-activation", paramLabel = "ACTIVATION",
            completionCandidates = Choices.OfRecurrentActivation.class,
            description = "What makes the LSTM's gates: sigmoid, or hard_sigmoid as in Keras up to 2.2. Default: "
                    + "sigmoid, or that of --init.")
    private @Nullable String recurrentActivation;

    @Option(names = "--predict", paramLabel = "STEPS", completionCandidates = Choices.OfPrediction.class,
            description = "What of a window is predicted, and trained by: all, the character after each step; last, "
                    + "the one after the last step alone, as Keras' example has it, with an LSTM without "
                    + "return_sequences. Default: all, or that of --init.")
    private @Nullable String predict;

    /** Refuses what cannot be. */
    void check() {
        UsageException.requireAtLeast("--layers", layers, 1);
        UsageException.requireAtLeast("--embedding", embedding, 0);
        if (hidden != null && layers != null && widths().size() > 1) {
            throw new UsageException("--layers is " + layers + ", but --hidden names " + widths().size()
                    + " layers; leave one of them out");
        }
        UsageException.requireFraction("--dropout", dropout);
        if (batchNorm && middle().isEmpty()) {
            throw new UsageException("--batch-norm follows middle layers, and --dense is 0; leave one of them out");
        }
        int top = (middle().isEmpty() ? widths() : middle()).getLast();
        if (tied && (embedding == null || embedding != top)) {
            throw new UsageException(
                    "--tie-weights needs --embedding " + top + ", as many units as the layer below the "
                            + "last has" + (embedding == null ? "" : ", not " + embedding));
        }
        UsageException.requireOneOf("--recurrent-activation", recurrentActivation, RecurrentActivation.titles());
        UsageException.requireOneOf("--predict", predict, Prediction.titles());
        modelLayers();
    }

    /** The options that say how large a model is, for what is wrong with all of them together. */
    String names() {
        return (embedding == null ? "" : "--embedding, ") + "--hidden, --layers, --dense";
    }

    /** What --hidden names, or the lab's. */
    private List<Integer> widths() {
        return hidden == null ? ModelLayers.LAB.hidden() : ListOption.sizes("--hidden", hidden, 1);
    }

    private List<Integer> middle() {
        List<Integer> units = dense == null ? ModelLayers.LAB.dense() : ListOption.sizes("--dense", dense, 0);
        if (units.size() > 1 && units.contains(0)) {
            throw new UsageException(
                    "--dense is " + dense + "; a layer has at least 1 unit, and 0 alone leaves all out");
        }
        return units.equals(List.of(0)) ? List.of() : units;
    }

    /** With what was asked for, else the lab's. */
    ModelLayers modelLayers() {
        List<Integer> widths = widths();
        try {
            return new ModelLayers(embedding == null ? 0 : embedding,
                    layers == null ? widths : Collections.nCopies(layers, widths.getFirst()),
                    recurrentActivation == null ? ModelLayers.LAB.recurrentActivation()
                            : RecurrentActivation.of(recurrentActivation),
                    dropout == null ? 0 : dropout, middle(), batchNorm, tied,
                    predict == null ? Prediction.ALL : Prediction.of(predict), 0);
        } catch (IllegalArgumentException e) {
            throw new UsageException(names() + ": " + e.getMessage());
        }
    }

    /** Refuses a model that is not of the sizes asked for. */
    void requireFitting(ModelConfig config, @Nullable Path from) {
        List<LstmLayer> lstm = config.layers(LstmLayer.class);
        List<DenseLayer> all = config.layers(DenseLayer.class);
        requireSame(from, "--hidden", hidden == null ? null : widths(hidden(lstm.size())),
                widths(lstm.stream().map(LstmLayer::units).toList()));
        requireSame(from, "--layers", layers, lstm.size());
        requireSame(from, "--dense", dense == null ? null : widths(middle()),
                widths(all.subList(0, all.size() - 1).stream().map(DenseLayer::units).toList()));
        requireSame(from, "--embedding", embedding,
                config.layers(EmbeddingLayer.class).stream().mapToInt(EmbeddingLayer::units).sum());
        requireSame(from, "--dropout", dropout,
                config.layers(DropoutLayer.class).stream().mapToDouble(DropoutLayer::rate).max().orElse(0));
        requireAsked(from, "--batch-norm", batchNorm, !config.layers(BatchNormLayer.class).isEmpty());
        requireAsked(from, "--tie-weights", tied, config.tied());
        requireSame(from, "--recurrent-activation", recurrentActivation,
                lstm.getFirst().recurrentActivation().title());
        requireSame(from, "--predict", predict, config.prediction().title());
    }

    /** What --hidden names, one width for as many layers as there are. */
    private List<Integer> hidden(int count) {
        return widths().size() == 1 ? Collections.nCopies(count, widths().getFirst()) : widths();
    }

    /** As people write them: one width once. */
    private static String widths(List<Integer> units) {
        return units.isEmpty() ? "0" : units.stream().distinct().count() == 1 && units.size() > 1
                ? units.getFirst() + " in each layer"
                : units.stream().map(String::valueOf).collect(Collectors.joining(","));
    }

    private static void requireSame(@Nullable Path from, String option, @Nullable Object asked, Object given) {
        if (asked != null && !asked.equals(given)) {
            throw new UsageException(option + " is " + asked + " but " + from + " has " + given + "; leave it out");
        }
    }

    private static void requireAsked(@Nullable Path from, String option, boolean asked, boolean given) {
        if (asked && !given) {
            throw new UsageException(option + " is for a new model, and " + from + " has none; leave it out");
        }
    }
}
