package org.charlstm.cli;

import org.charlstm.device.UpdateRule;
import org.charlstm.device.UpdateRule.Adam;
import org.charlstm.device.UpdateRule.RmsProp;
import org.charlstm.device.UpdateRule.Sgd;
import org.charlstm.train.TrainingOptions;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How a training changes weights by their gradients. */
final class OptimizerOptions {
    private static final String RMSPROP = "rmsprop";
    private static final String ADAM = "adam";
    private static final String ADAMW = "adamw";
    private static final String SGD = "sgd";

    @Option(names = "--optimizer", paramLabel = "OPTIMIZER", defaultValue = RMSPROP,
            completionCandidates = Choices.OfOptimizer.class,
            description = "What changes the weights: rmsprop, adam, adamw (decoupled weight decay) or sgd. "
                    + "Default: ${DEFAULT-VALUE}.")
    private String optimizer;

    @Option(names = "--learning-rate", paramLabel = "X",
            description = "The rate that --schedule begins with. Default: " + RmsProp.LEARNING_RATE + ", of sgd "
                    + Sgd.LEARNING_RATE + ".")
    private @Nullable Double learningRate;

    @Option(names = "--momentum", paramLabel = "X", description = "Of sgd, its momentum. Default: 0.")
    private @Nullable Double momentum;

    @Option(names = "--nesterov", description = "Of sgd, take Nesterov's momentum.")
    private boolean nesterov;

    @Option(names = "--beta1", paramLabel = "X",
            description = "Of adam and adamw, the decay of the mean gradients. Default: " + Adam.BETA1 + ".")
    private @Nullable Double beta1;

    @Option(names = "--beta2", paramLabel = "X",
            description = "Of adam and adamw, the decay of the mean squares. Default: " + Adam.BETA2 + ".")
    private @Nullable Double beta2;

    @Option(names = "--epsilon", paramLabel = "X",
            description = "Of all but sgd, what is added to the root of the mean squares; Keras 1 has 1e-8, and so has "
                    + "PyTorch. Default: " + RmsProp.EPSILON + ".")
    private @Nullable Double epsilon;

    @Option(names = "--weight-decay", paramLabel = "X",
            description = "Add X times the weight to its gradient; adamw takes the rate times X of the weight itself. "
                    + "Default: 0, of adamw " + Adam.WEIGHT_DECAY + ".")
    private @Nullable Double weightDecay;

    @Option(names = "--clip-norm", paramLabel = "X",
            description = "Scale the gradients of an update down to this norm where theirs is larger. Default: never.")
    private @Nullable Double clipNorm;

    @Option(names = "--clip-value", paramLabel = "X",
            description = "Bring each gradient that is further from 0 to this distance. Default: none.")
    private @Nullable Double clipValue;

    /** Sets the default of the rate, too, which the run's description has to have. */
    void check() {
        UsageException.requireOneOf("--optimizer", optimizer, UpdateRule.Named.titles());
        requireFor("--momentum", momentum, SGD);
        requireFor("--nesterov", nesterov ? true : null, SGD);
        requireFor("--beta1", beta1, ADAM, ADAMW);
        requireFor("--beta2", beta2, ADAM, ADAMW);
        requireFor("--epsilon", epsilon, RMSPROP, ADAM, ADAMW);
        UsageException.requireFraction("--momentum", momentum);
        UsageException.requireFraction("--beta1", beta1);
        UsageException.requireFraction("--beta2", beta2);
        UsageException.requirePositive("--epsilon", epsilon);
        UsageException.requirePositive("--clip-norm", clipNorm);
        UsageException.requirePositive("--clip-value", clipValue);
        if (nesterov && orElse(momentum, 0) == 0) {
            throw new UsageException("--nesterov needs a --momentum above 0, such as 0.9");
        }
        if (weightDecay != null && !(weightDecay >= 0 && weightDecay < Double.POSITIVE_INFINITY)) {
            throw new UsageException("--weight-decay is " + weightDecay + "; it must be a number of at least 0");
        }
        UsageException.requireFloat32("--weight-decay", orElse(weightDecay, 0));
        if (clipNorm != null && clipValue != null) {
            throw new UsageException("--clip-norm and --clip-value do not go together; leave one out");
        }
        learningRate = orElse(learningRate, UpdateRule.Named.of(optimizer).learningRate());
        UsageException.requirePositive("--learning-rate", learningRate);
    }

    private void requireFor(String option, @Nullable Object given, String... those) {
        UsageException.requireFor(option, given, "--optimizer", optimizer, those);
    }

    double learningRate() {
        return orElse(learningRate, UpdateRule.Named.of(optimizer).learningRate());
    }

    private UpdateRule rule() {
        double decay = orElse(weightDecay, optimizer.equals(ADAMW) ? Adam.WEIGHT_DECAY : 0);
        return switch (UpdateRule.Named.of(optimizer)) {
            case SGD -> new Sgd(orElse(momentum, 0), nesterov, decay);
            case RMSPROP -> new RmsProp(RmsProp.DECAY, orElse(epsilon, RmsProp.EPSILON), decay);
            case ADAM, ADAMW -> new Adam(orElse(beta1, Adam.BETA1), orElse(beta2, Adam.BETA2),
                    orElse(epsilon, Adam.EPSILON), decay, optimizer.equals(ADAMW));
        };
    }

    /** With what was asked for. */
    TrainingOptions of(TrainingOptions options) {
        return options.rule(learningRate(), rule()).clip(orElse(clipNorm, Double.POSITIVE_INFINITY),
                orElse(clipValue, Double.POSITIVE_INFINITY));
    }

    private static double orElse(@Nullable Double asked, double usual) {
        return asked == null ? usual : asked;
    }

    /** Whether each gradient is brought within limits. */
    boolean clipsValues() {
        return clipValue != null;
    }
}
