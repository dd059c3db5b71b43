package org.charlstm.cli.options;

import module java.base;
import org.charlstm.cli.console.UsageException;
import org.charlstm.cli.options.TrainOption.Resumed;
import org.charlstm.cli.options.TrainOption.Section;
import org.charlstm.device.RecurrentActivation;
import org.charlstm.device.RecurrentCell;
import org.charlstm.nn.BatchNormLayer;
import org.charlstm.nn.DenseLayer;
import org.charlstm.nn.DropoutLayer;
import org.charlstm.nn.EmbeddingLayer;
import org.charlstm.nn.InitialWeights;
import org.charlstm.nn.Initializer;
import org.charlstm.nn.ModelConfig;
import org.charlstm.nn.Prediction;
import org.charlstm.nn.RecurrentLayer;
import org.charlstm.run.ModelLayers;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** The layers of a new model, and its initial weights. */
public final class ModelOptions {
    @Option(names = "--cell", paramLabel = "CELL",
            description = "The recurrent layers: lstm; gru; rnn, an Elman network "
                    + "with tanh; or rnn-relu, one with ReLU. Default: lstm, or that of --init.")
    @TrainOption(section = Section.MODEL, resumed = Resumed.SAME)
    private RecurrentCell.@Nullable Named cell;

    @Option(names = "--hidden", paramLabel = "N[,N]",
            description = "Units of the recurrent layer; of several layers of different widths "
                    + "as a list, the lowest first. Default: " + ModelConfig.LAB_UNITS + ", or those of --init.")
    @TrainOption(section = Section.MODEL, resumed = Resumed.SAME)
    private @Nullable String hidden;

    @Option(names = "--layers", paramLabel = "N", converter = Converters.FromOne.class,
            description = "Recurrent layers, one above the other. Default: 1, or as many as --hidden names, or those "
                    + "of --init.")
    @TrainOption(section = Section.MODEL, resumed = Resumed.SAME)
    private @Nullable Integer layers;

    @Option(names = "--dense", paramLabel = "N[,N]", description = "Units of the middle layer, 0 to leave it out; of "
            + "several as a list, the lowest first. Default: " + ModelConfig.LAB_UNITS + ", or those of --init.")
    @TrainOption(section = Section.MODEL, resumed = Resumed.SAME)
    private @Nullable String dense;

    @Option(names = "--embedding", paramLabel = "N", converter = Converters.FromZero.class,
            description = "A trained vector of N numbers for each symbol in place of a one-hot one. Default: 0 for "
                    + "none, or that of --init.")
    @TrainOption(section = Section.MODEL, resumed = Resumed.SAME)
    private @Nullable Integer embedding;

    @Option(names = "--tie-weights", description = "The last layer's kernel is the transpose of the --embedding, which "
            + "has as many units as the layer below the last.")
    @TrainOption(section = Section.MODEL, resumed = Resumed.SAME)
    private boolean tied;

    @Option(names = "--dropout", paramLabel = "P",
            description = "The share of the output of each recurrent layer that is "
                    + "dropped, in training alone. Default: 0, or that of --init.")
    @TrainOption(section = Section.MODEL, resumed = Resumed.SAME)
    private @Nullable Double dropout;

    @Option(names = "--batch-norm", description = "Batch normalisation after each middle layer.")
    @TrainOption(section = Section.MODEL, resumed = Resumed.SAME)
    private boolean batchNorm;

    @Option(names = "--recurrent-activation", paramLabel = "ACTIVATION", description = "The activation of the gates of "
            + "an LSTM or a GRU: sigmoid, or hard_sigmoid as in Keras up to 2.2. Default: sigmoid, or that of --init.")
    @TrainOption(section = Section.MODEL, resumed = Resumed.SAME)
    private @Nullable RecurrentActivation recurrentActivation;

    @Option(names = "--reset-after", paramLabel = "true|false", arity = "1", completionCandidates = TrueOrFalse.class,
            description = "Whether a GRU's reset gate acts after the recurrent product, as in cuDNN, PyTorch and "
                    + "Keras 3, or before it, as in Keras 1 and 2. Default: true, or that of --init.")
    @TrainOption(section = Section.MODEL, resumed = Resumed.SAME)
    private @Nullable Boolean resetAfter;

    @Option(names = "--predict", paramLabel = "STEPS", description = "The steps of a window that are predicted and "
            + "trained: all, the character after each step; or last, the one after the last step alone, as in "
            + "Keras' example, whose LSTM is without return_sequences. Default: all, or that of --init.")
    @TrainOption(section = Section.MODEL, resumed = Resumed.SAME)
    private @Nullable Prediction predict;

    @Option(names = "--initializer", paramLabel = "INITIALIZER", converter = OfKernels.class,
            completionCandidates = OfKernels.class, description = "The initial kernels of a new model: glorot_uniform, "
                    + "orthogonal, or uniform within 0.05. Default: glorot_uniform.")
    @TrainOption(section = Section.MODEL, resumed = Resumed.SAME)
    private @Nullable Initializer initializer;

    @Option(names = "--recurrent-initializer", paramLabel = "INITIALIZER", converter = OfKernels.class,
            completionCandidates = OfKernels.class,
            description = "The initial recurrent kernels, likewise. Default: orthogonal.")
    @TrainOption(section = Section.MODEL, resumed = Resumed.SAME)
    private @Nullable Initializer recurrentInitializer;

    @Option(names = "--forget-bias", paramLabel = "X",
            description = "The bias of an LSTM's forget gates in a new model. Default: 1.")
    @TrainOption(section = Section.MODEL, resumed = Resumed.SAME)
    private @Nullable Double forgetBias;

    private static final class TrueOrFalse implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return List.of("true", "false").iterator();
        }
    }

    /** The initialisers for kernels; the others are for biases and normalisation. */
    private static final class OfKernels implements Iterable<String>, ITypeConverter<Initializer> {
        @Override
        public Iterator<String> iterator() {
            return InitialWeights.OF_KERNELS.stream().map(Initializer::toString).iterator();
        }

        @Override
        public Initializer convert(String name) {
            return InitialWeights.OF_KERNELS.stream().filter(each -> each.toString().equals(name)).findAny()
                    .orElseThrow(() -> new TypeConversionException("no initialiser of kernels"));
        }
    }

    /** The names of the options for a model's size, for a refusal of all of them. */
    public String names() {
        return (embedding == null ? "" : "--embedding, ") + "--hidden, --layers, --dense";
    }

    private List<Integer> widths() {
        return hidden == null ? ModelLayers.LAB.hidden() : numbers("--hidden", hidden, 1);
    }

    private List<Integer> middle() {
        List<Integer> units = dense == null ? ModelLayers.LAB.dense() : numbers("--dense", dense, 0);
        UsageException.when(units.size() > 1 && units.contains(0),
                "--dense is %s; a layer has at least 1 unit, and 0 alone leaves all out", dense);
        return units.equals(List.of(0)) ? List.of() : units;
    }

    private static List<Integer> numbers(String option, String list, int least) {
        return Stream.of(list.split(",", -1)).map(word -> {
            try {
                int number = Integer.parseInt(word.strip());
                UsageException.when(number < least, "%s is %s; it must be at least %s", option, number, least);
                return number;
            } catch (NumberFormatException e) {
                throw new UsageException(option + " has '" + word + "', which is " + (Converters.isWhole(word.strip())
                        ? "too large" : "no whole number") + "; for example 128,256");
            }
        }).toList();
    }

    /** The requested layers, or else the lab's. */
    public ModelLayers modelLayers() {
        List<Integer> widths = widths();
        List<Integer> middle = middle();
        UsageException.when(hidden != null && layers != null && widths.size() > 1,
                "--layers is %s, but --hidden names %s layers; leave one of them out", layers, widths.size());
        UsageException.when(batchNorm && middle.isEmpty(),
                "--batch-norm follows middle layers, and --dense is 0; leave one of them out");
        int top = (middle.isEmpty() ? widths : middle).getLast();
        UsageException.when(tied && (embedding == null || embedding != top),
                "--tie-weights needs --embedding %s, as many units as the layer below the last has%s", top,
                embedding == null ? "" : ", not " + embedding);
        double rate = dropout == null ? 0 : dropout;
        UsageException.checked("--dropout", () -> new DropoutLayer(rate));
        RecurrentCell recurrent = recurrent();
        return UsageException.checked(names(), () -> new ModelLayers(embedding == null ? 0 : embedding,
                layers == null ? widths : Collections.nCopies(layers, widths.getFirst()),
                recurrent, rate, middle, batchNorm, tied, predict == null ? Prediction.ALL : predict, 0));
    }

    /** The requested options of a cell that bare tensors do not tell. */
    public Map<String, String> unsaid() {
        Map<String, String> unsaid = new HashMap<>();
        String activation = cell == null ? null : recurrent().options().get(RecurrentCell.ACTIVATION);
        if (activation != null) {
            unsaid.put(RecurrentCell.ACTIVATION, activation);
        }
        if (recurrentActivation != null) {
            unsaid.put(RecurrentCell.GATES, recurrentActivation.toString());
        }
        return unsaid;
    }

    /** The requested cell, or else the lab's. */
    public RecurrentCell.Named named() {
        return cell == null ? ModelLayers.LAB.cell().name() : cell;
    }

    private RecurrentCell recurrent() {
        return named().with(recurrentActivation == null ? RecurrentActivation.SIGMOID : recurrentActivation,
                resetAfter == null || resetAfter);
    }

    private void requireOption(String option, @Nullable Object asked, String name) {
        UsageException.when(asked != null && !recurrent().options().containsKey(name),
                "%s is %s, and --cell %s has none; leave it out", option, asked, named());
    }

    /** The requested initial weights, or else Keras'. Refuses a request if {@code init} provides the weights. */
    public InitialWeights weights(@Nullable Path init) {
        if (init != null) {
            requireNew("--initializer", initializer, init);
            requireNew("--recurrent-initializer", recurrentInitializer, init);
            requireNew("--forget-bias", forgetBias, init);
        } else {
            requireOption("--recurrent-activation", recurrentActivation, RecurrentCell.GATES);
            requireOption("--reset-after", resetAfter, RecurrentCell.RESET);
            UsageException.when(forgetBias != null && named() != RecurrentCell.Named.LSTM,
                    "--forget-bias is for an LSTM, and --cell is %s; leave it out", named());
        }
        InitialWeights keras = InitialWeights.KERAS;
        return UsageException.checked("--forget-bias", () -> new InitialWeights(
                initializer == null ? keras.kernel() : initializer,
                recurrentInitializer == null ? keras.recurrent() : recurrentInitializer,
                forgetBias == null ? keras.forgetBias() : forgetBias));
    }

    private static void requireNew(String option, @Nullable Object asked, Path init) {
        UsageException.when(asked != null, "%s is for a new model, and --init %s has weights; leave one of them out",
                option, init);
    }

    /** Refuses a model that does not have the requested sizes. */
    public void requireFitting(ModelConfig config, @Nullable Path from) {
        List<RecurrentLayer> recurrent = config.layers(RecurrentLayer.class);
        List<DenseLayer> all = config.layers(DenseLayer.class);
        requireSame(from, "--hidden", hidden == null ? null : widths(hidden(recurrent.size())),
                widths(recurrent.stream().map(RecurrentLayer::units).toList()));
        requireSame(from, "--layers", layers, recurrent.size());
        requireSame(from, "--dense", dense == null ? null : widths(middle()),
                widths(all.subList(0, all.size() - 1).stream().map(DenseLayer::units).toList()));
        requireSame(from, "--embedding", embedding,
                config.layers(EmbeddingLayer.class).stream().mapToInt(EmbeddingLayer::units).sum());
        requireSame(from, "--dropout", dropout,
                config.layers(DropoutLayer.class).stream().mapToDouble(DropoutLayer::rate).max().orElse(0));
        requireAsked(from, "--batch-norm", batchNorm, !config.layers(BatchNormLayer.class).isEmpty());
        requireAsked(from, "--tie-weights", tied, config.tied());
        RecurrentCell its = recurrent.getFirst().cell();
        requireSame(from, "--cell", cell, its.name());
        requireSame(from, "--recurrent-activation", recurrentActivation == null ? null : recurrentActivation.toString(),
                its.options().getOrDefault(RecurrentCell.GATES, "none"));
        requireSame(from, "--reset-after", resetAfter == null ? null : resetAfter.toString(),
                its.options().getOrDefault(RecurrentCell.RESET, "none"));
        requireSame(from, "--predict", predict, config.prediction());
    }

    private List<Integer> hidden(int count) {
        return widths().size() == 1 ? Collections.nCopies(count, widths().getFirst()) : widths();
    }

    /** Widths as people write them; equal widths are written once. */
    private static String widths(List<Integer> units) {
        return units.isEmpty() ? "0" : units.stream().distinct().count() == 1 && units.size() > 1
                ? units.getFirst() + " in each layer"
                : units.stream().map(String::valueOf).collect(Collectors.joining(","));
    }

    private static void requireSame(@Nullable Path from, String option, @Nullable Object asked, Object given) {
        UsageException.when(asked != null && !asked.equals(given), "%s is %s but %s has %s; leave it out", option,
                asked, from, given);
    }

    private static void requireAsked(@Nullable Path from, String option, boolean asked, boolean given) {
        UsageException.when(asked && !given, "%s is for a new model, and %s has none; leave it out", option, from);
    }
}
