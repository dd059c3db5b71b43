package org.charlstm.cli;

import java.nio.file.Path;
import java.util.List;
import org.charlstm.nn.InitialWeights;
import org.charlstm.nn.Initializer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What the weights of a new model are at first. */
final class InitialOptions {
    /** What kernels can begin as. */
    static final List<String> INITIALIZERS = InitialWeights.OF_KERNELS.stream().map(Initializer::title).toList();

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

    /** Refuses what cannot be, and anything for a model that is not new. */
    void check(@Nullable Path init) {
        UsageException.requireOneOf("--initializer", initializer, INITIALIZERS);
        UsageException.requireOneOf("--recurrent-initializer", recurrentInitializer, INITIALIZERS);
        if (forgetBias != null && !(Math.abs(forgetBias) <= Float.MAX_VALUE)) {
            throw new UsageException("--forget-bias is " + forgetBias + "; it must be a number");
        }
        if (init != null) {
            requireNew("--initializer", initializer, init);
            requireNew("--recurrent-initializer", recurrentInitializer, init);
            requireNew("--forget-bias", forgetBias, init);
        }
    }

    private static void requireNew(String option, @Nullable Object asked, Path init) {
        if (asked != null) {
            throw new UsageException(option + " is for a new model, and --init " + init + " has weights; leave one of "
                    + "them out");
        }
    }

    /** With what was asked for, else Keras'. */
    InitialWeights weights() {
        InitialWeights keras = InitialWeights.KERAS;
        return new InitialWeights(initializer(initializer, keras.kernel()),
                initializer(recurrentInitializer, keras.recurrent()),
                forgetBias == null ? keras.forgetBias() : forgetBias);
    }

    private static Initializer initializer(@Nullable String asked, Initializer usual) {
        return InitialWeights.OF_KERNELS.stream().filter(one -> one.title().equals(asked)).findAny().orElse(usual);
    }
}
