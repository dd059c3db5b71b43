package org.charlstm.cli;

import java.nio.file.Path;
import java.util.List;
import org.charlstm.device.RecurrentActivation;
import org.charlstm.nn.DenseLayer;
import org.charlstm.nn.InitialWeights;
import org.charlstm.nn.Initializer;
import org.charlstm.nn.LstmLayer;
import org.charlstm.nn.ModelConfig;
import org.charlstm.run.Setup;
import org.charlstm.train.TrainingOptions;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The sizes of a new model, and what its weights are at first. */
final class ModelOptions {
    /** What kernels can begin as. */
    static final List<String> INITIALIZERS = InitialWeights.OF_KERNELS.stream().map(Initializer::title).toList();

    @Option(names = "--hidden", paramLabel = "N",
            description = "LSTM units. Default: " + ModelConfig.LAB_UNITS + ", or those of --init.")
    private @Nullable Integer hidden;

    @Option(names = "--layers", paramLabel = "N",
            description = "LSTM layers, one above the other. Default: 1, or those of --init.")
    private @Nullable Integer layers;

    @Option(names = "--dense", paramLabel = "N", description = "Units of the middle layer, 0 to leave it out. Default: "
            + ModelConfig.LAB_UNITS + ", or those of --init.")
    private @Nullable Integer dense;

    @Option(names = "--recurrent-activation", paramLabel = "ACTIVATION",
            completionCandidates = Choices.OfRecurrentActivation.class,
            description = "What makes the LSTM's gates: sigmoid, or hard_sigmoid as in Keras up to 2.2. Default: "
                    + "sigmoid, or that of --init.")
    private @Nullable String recurrentActivation;

    @Option(names = "--initializer", paramLabel = "INITIALIZER", completionCandidates = Choices.OfInitializer.class,
            description = "What the kernels of a new model are: glorot_uniform, orthogonal, or uniform within 0.05. "
                    + "Default: glorot_uniform.")
    private @Nullable String initializer;

    @Option(names = "--recurrent-initializer", paramLabel = "INITIALIZER",
            completionCandidates = Choices.OfInitializer.class,
            description = "The same of the LSTM's recurrent kernels. Default: orthogonal.")
    private @Nullable String recurrentInitializer;

    @Option(names = "--forget-bias", paramLabel = "X",
            description = "The bias of the forget gates of a new model. Default: 1.")
    private @Nullable Double forgetBias;

    /** Refuses what cannot be, and of a model that is not new what only a new one takes. */
    void check(@Nullable Path init) {
        if (hidden != null) {
            UsageException.requireAtLeast("--hidden", hidden, 1);
        }
        if (layers != null) {
            UsageException.requireAtLeast("--layers", layers, 1);
        }
        if (dense != null) {
            UsageException.requireAtLeast("--dense", dense, 0);
        }
        requireOneOf("--recurrent-activation", recurrentActivation, RecurrentActivation.titles());
        requireOneOf("--initializer", initializer, INITIALIZERS);
        requireOneOf("--recurrent-initializer", recurrentInitializer, INITIALIZERS);
        if (forgetBias != null && !(Math.abs(forgetBias) <= Float.MAX_VALUE)) {
            throw new UsageException("--forget-bias is " + forgetBias + "; it must be a number");
        }
        if (init != null) {
            requireNew("--initializer", initializer, init);
            requireNew("--recurrent-initializer", recurrentInitializer, init);
            requireNew("--forget-bias", forgetBias, init);
        }
    }

    private static void requireOneOf(String option, @Nullable String asked, List<String> all) {
        if (asked != null && !all.contains(asked)) {
            throw new UsageException(option + " is '" + asked + "'; there are " + String.join(", ", all));
        }
    }

    private static void requireNew(String option, @Nullable Object asked, Path init) {
        if (asked != null) {
            throw new UsageException(option + " is for a new model, and --init " + init + " has weights; leave one of "
                    + "them out");
        }
    }

    /** With what was asked for, else the lab's. */
    Setup of(int epochs, TrainingOptions training) {
        return new Setup(orElse(hidden, Setup.LAB.hidden()), orElse(layers, Setup.LAB.layers()),
                orElse(dense, Setup.LAB.dense()), recurrentActivation == null ? Setup.LAB.recurrentActivation()
                        : RecurrentActivation.of(recurrentActivation),
                epochs, training).initial(initial());
    }

    private InitialWeights initial() {
        InitialWeights keras = InitialWeights.KERAS;
        return new InitialWeights(initializer(initializer, keras.kernel()),
                initializer(recurrentInitializer, keras.recurrent()),
                forgetBias == null ? keras.forgetBias() : forgetBias);
    }

    private static Initializer initializer(@Nullable String asked, Initializer usual) {
        return InitialWeights.OF_KERNELS.stream().filter(one -> one.title().equals(asked)).findAny().orElse(usual);
    }

    private static int orElse(@Nullable Integer asked, int usual) {
        return asked == null ? usual : asked;
    }

    /** Refuses a model that is not of the sizes asked for. */
    void requireFitting(ModelConfig config, @Nullable Path from) {
        List<LstmLayer> lstm = config.layers(LstmLayer.class);
        int middle = config.layers(DenseLayer.class).size() - 1;
        requireSame(from, "--hidden", hidden, lstm.getFirst().units());
        requireSame(from, "--layers", layers, lstm.size());
        requireSame(from, "--dense", dense, middle == 0 ? 0 : middle > 1 ? middle + " middle layers"
                : config.layers(DenseLayer.class).getFirst().units());
        requireSame(from, "--recurrent-activation", recurrentActivation,
                lstm.getFirst().recurrentActivation().title());
    }

    private static void requireSame(@Nullable Path from, String option, @Nullable Object asked, Object given) {
        if (asked != null && !asked.equals(given)) {
            throw new UsageException(option + " is " + asked + " but " + from + " has " + given + "; leave it out");
        }
    }
}
