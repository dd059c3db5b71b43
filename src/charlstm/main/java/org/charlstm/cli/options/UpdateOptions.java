package org.charlstm.cli.options;

import module java.base;
import org.charlstm.cli.console.UsageException;
import org.charlstm.cli.options.TrainOption.Resumed;
import org.charlstm.cli.options.TrainOption.Section;
import org.charlstm.device.RecurrentCell;
import org.charlstm.device.UpdateRule;
import org.charlstm.device.UpdateRule.Adam;
import org.charlstm.device.UpdateRule.RmsProp;
import org.charlstm.device.UpdateRule.Sgd;
import org.charlstm.run.Setup;
import org.charlstm.train.Schedule;
import org.charlstm.train.TrainingOptions;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** How training changes weights by their gradients, and how the learning rate changes over time. */
public final class UpdateOptions {
    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    @Option(names = "--optimizer", paramLabel = "OPTIMIZER", defaultValue = "rmsprop", description = "The update rule: "
            + "rmsprop, adam, adamw (decoupled weight decay) or sgd. Default: ${DEFAULT-VALUE}.")
    @TrainOption(section = Section.TRAINING, resumed = Resumed.SAME)
    private UpdateRule.Named optimizer;

    @Option(names = "--learning-rate", paramLabel = "X", description = "The rate that --schedule begins with. Default: "
            + RmsProp.LEARNING_RATE + ", of sgd " + Sgd.LEARNING_RATE + "; of rnn-relu " + Setup.OF_RELU
            + " times that.")
    @TrainOption(section = Section.RATE, resumed = Resumed.FREE)
    private @Nullable Double learningRate;

    /** The usual rate of the rule and the cell. */
    private double usualRate;
    private boolean takesUsualRate;

    @Option(names = "--momentum", paramLabel = "X", description = "Of sgd, its momentum. Default: 0.")
    @TrainOption(section = Section.TRAINING, resumed = Resumed.SAME)
    private @Nullable Double momentum;

    @Option(names = "--nesterov", description = "Of sgd, take Nesterov's momentum.")
    @TrainOption(section = Section.TRAINING, resumed = Resumed.SAME)
    private boolean nesterov;

    @Option(names = "--beta1", paramLabel = "X",
            description = "Of adam and adamw, the decay of the mean gradients. Default: " + Adam.BETA1 + ".")
    @TrainOption(section = Section.TRAINING, resumed = Resumed.SAME)
    private @Nullable Double beta1;

    @Option(names = "--beta2", paramLabel = "X",
            description = "Of adam and adamw, the decay of the mean squares. Default: " + Adam.BETA2 + ".")
    @TrainOption(section = Section.TRAINING, resumed = Resumed.SAME)
    private @Nullable Double beta2;

    @Option(names = "--epsilon", paramLabel = "X", description = "Of all but sgd, the number added to the root of the "
            + "mean squares; Keras 1 and PyTorch have 1e-8. Default: " + RmsProp.EPSILON + ".")
    @TrainOption(section = Section.TRAINING, resumed = Resumed.SAME)
    private @Nullable Double epsilon;

    @Option(names = "--weight-decay", paramLabel = "X", description = "Add X times the weight to its gradient; adamw "
            + "takes the rate times X of the weight itself. Default: 0, of adamw " + Adam.WEIGHT_DECAY + ".")
    @TrainOption(section = Section.TRAINING, resumed = Resumed.SAME)
    private @Nullable Double weightDecay;

    @Option(names = "--clip-norm", paramLabel = "X", converter = Converters.Finite.class,
            description = "Scale the gradients of an update down to this norm where theirs is larger. Default: never.")
    @TrainOption(section = Section.TRAINING, resumed = Resumed.SAME)
    private @Nullable Double clipNorm;

    @Option(names = "--clip-value", paramLabel = "X", converter = Converters.Finite.class,
            description = "Bring each gradient that is further from 0 to this distance. Default: none.")
    @TrainOption(section = Section.TRAINING, resumed = Resumed.SAME)
    private @Nullable Double clipValue;

    @Option(names = "--schedule", paramLabel = "SCHEDULE", defaultValue = "constant", description = "How the rate "
            + "changes: constant; step, by --decay after every --decay-every epochs; exponential, the same a "
            + "little in each update; cosine, to --min-rate over --decay-epochs; plateau, by --decay after "
            + "--decay-patience epochs without a lower loss, that of --monitor. Default: ${DEFAULT-VALUE}.")
    @TrainOption(section = Section.RATE, resumed = Resumed.FREE)
    private NamedSchedule schedule;

    @Option(names = "--warm-up", paramLabel = "N", defaultValue = "0", description = "Updates at the beginning over "
            + "which the rate rises in equal steps. Default: ${DEFAULT-VALUE}.")
    @TrainOption(section = Section.RATE, resumed = Resumed.FREE)
    private int warmUp;

    @Option(names = "--decay", paramLabel = "X",
            description = "The factor of the rate. Default of step and plateau: " + Schedule.Step.DECAY + ".")
    @TrainOption(section = Section.RATE, resumed = Resumed.OF_SCHEDULE)
    private @Nullable Double decay;

    @Option(names = "--decay-every", paramLabel = "N",
            description = "After how many epochs of step, or over how many of exponential. Default of exponential: 1.")
    @TrainOption(section = Section.RATE, resumed = Resumed.OF_SCHEDULE)
    private @Nullable Integer decayEvery;

    @Option(names = "--decay-epochs", paramLabel = "N",
            description = "Epochs of cosine, warm-up included; after them the rate stays. Default: --epochs.")
    @TrainOption(section = Section.RATE, resumed = Resumed.OF_SCHEDULE)
    private @Nullable Integer decayEpochs;

    @Option(names = "--min-rate", paramLabel = "X", description = "The lowest rate of cosine and plateau. Default: 0.")
    @TrainOption(section = Section.RATE, resumed = Resumed.OF_SCHEDULE)
    private @Nullable Double minRate;

    @Option(names = "--decay-patience", paramLabel = "N", description = "Epochs of plateau, which acts in runs of two "
            + "more at least. Default: " + Schedule.Plateau.PATIENCE + ".")
    @TrainOption(section = Section.RATE, resumed = Resumed.OF_SCHEDULE)
    private @Nullable Integer decayPatience;

    /** The schedules by name. */
    private enum NamedSchedule {
        CONSTANT, STEP, EXPONENTIAL, COSINE, PLATEAU;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * Refuses options that do not fit together, and sets the two defaults that depend on other options. A run's
     * description keeps both, because a run that is resumed for more epochs must not change them.
     */
    public void check(int epochs, RecurrentCell.Named cell) {
        requireFor("--momentum", momentum, UpdateRule.Named.SGD);
        requireFor("--nesterov", nesterov ? true : null, UpdateRule.Named.SGD);
        requireFor("--beta1", beta1, UpdateRule.Named.ADAM, UpdateRule.Named.ADAMW);
        requireFor("--beta2", beta2, UpdateRule.Named.ADAM, UpdateRule.Named.ADAMW);
        requireFor("--epsilon", epsilon, UpdateRule.Named.RMSPROP, UpdateRule.Named.ADAM, UpdateRule.Named.ADAMW);
        UsageException.when(nesterov && orElse(momentum, 0.0) == 0,
                "--nesterov needs a --momentum above 0, such as 0.9");
        UsageException.when(clipNorm != null && clipValue != null,
                "--clip-norm and --clip-value do not go together; leave one out");
        takesUsualRate = learningRate == null;
        usualRate = Setup.learningRate(optimizer, cell);
        learningRate = orElse(learningRate, usualRate);
        requireFor("--decay", decay, NamedSchedule.STEP, NamedSchedule.EXPONENTIAL, NamedSchedule.PLATEAU);
        requireFor("--decay-every", decayEvery, NamedSchedule.STEP, NamedSchedule.EXPONENTIAL);
        requireFor("--decay-epochs", decayEpochs, NamedSchedule.COSINE);
        requireFor("--min-rate", minRate, NamedSchedule.COSINE, NamedSchedule.PLATEAU);
        requireFor("--decay-patience", decayPatience, NamedSchedule.PLATEAU);
        UsageException.when(schedule == NamedSchedule.STEP && decayEvery == null,
                "--schedule step needs --decay-every, a number of epochs");
        UsageException.when(schedule == NamedSchedule.EXPONENTIAL && decay == null,
                "--schedule exponential needs --decay, such as 0.9");
        UsageException.when(minRate != null && minRate > learningRate,
                "--min-rate is %s; it must be from 0 to the learning rate, %s", minRate, learningRate);
        if (schedule == NamedSchedule.COSINE && decayEpochs == null) {
            UsageException.when(epochs == 0, "--schedule cosine with --epochs 0 needs --decay-epochs");
            decayEpochs = epochs;
        }
    }

    /** Refuses an option that was given (not null) unless the chosen rule or schedule is one of {@code choices}. */
    private void requireFor(String option, @Nullable Object given, Enum<?>... choices) {
        boolean ofSchedule = choices[0] instanceof NamedSchedule;
        Enum<?> chosen = ofSchedule ? schedule : optimizer;
        UsageException.when(given != null && !List.of(choices).contains(chosen),
                "%s is for %s %s, not %s; leave it out",
                option, ofSchedule ? "--schedule" : "--optimizer",
                Stream.of(choices).map(Enum::toString).collect(Collectors.joining(" or ")), chosen);
    }

    /** Training options with these updates. */
    public TrainingOptions of(TrainingOptions options) {
        UpdateRule rule = rule();
        Schedule changing = schedule();
        TrainingOptions updated = UsageException.checked("--learning-rate",
                () -> options.rule(orElse(learningRate, usualRate), rule));
        TrainingOptions clipped =
                UsageException.checked(clipNorm != null ? "--clip-norm" : "--clip-value", () -> updated
                        .clip(orElse(clipNorm, Double.POSITIVE_INFINITY), orElse(clipValue, Double.POSITIVE_INFINITY)));
        return UsageException.checked("--warm-up", () -> clipped.schedule(changing, warmUp));
    }

    /** Training options for an existing model, whose cell may differ from the assumed cell. */
    public TrainingOptions startingFrom(TrainingOptions options, RecurrentCell.Named cell) {
        usualRate = Setup.learningRate(optimizer, cell);
        if (!takesUsualRate) {
            return options;
        }
        learningRate = usualRate;
        return UsageException.checked("--min-rate", () -> options.rule(usualRate, options.rule()));
    }

    /** Advice after a divergence. Clipping hardly helps, because all rules except sgd divide by the gradients' size. */
    public String lowerRate() {
        double rate = orElse(learningRate, usualRate);
        return String.format(Locale.ROOT, "try a lower --learning-rate, such as %.1g", rate > usualRate ? usualRate
                : Setup.OF_RELU * rate);
    }

    private UpdateRule rule() {
        double weights = orElse(weightDecay, optimizer == UpdateRule.Named.ADAMW ? Adam.WEIGHT_DECAY : 0.0);
        return UsageException.checked(given("--momentum", "--beta1", "--beta2", "--epsilon", "--weight-decay"),
                () -> switch (optimizer) {
                    case SGD -> new Sgd(orElse(momentum, 0.0), nesterov, weights);
                    case RMSPROP -> new RmsProp(RmsProp.DECAY, orElse(epsilon, RmsProp.EPSILON), weights);
                    case ADAM, ADAMW -> new Adam(orElse(beta1, Adam.BETA1), orElse(beta2, Adam.BETA2),
                            orElse(epsilon, Adam.EPSILON), weights, optimizer == UpdateRule.Named.ADAMW);
                });
    }

    private Schedule schedule() {
        double lowest = orElse(minRate, 0.0);
        double factor = orElse(decay, Schedule.Step.DECAY);
        return UsageException.checked(given("--decay", "--decay-every", "--decay-epochs", "--min-rate",
                "--decay-patience"), () -> switch (schedule) {
                    case CONSTANT -> new Schedule.Constant();
                    case STEP -> new Schedule.Step(factor, orElse(decayEvery, 1));
                    case EXPONENTIAL -> new Schedule.Exponential(factor, orElse(decayEvery, 1));
                    case COSINE -> new Schedule.Cosine(orElse(decayEpochs, 1), lowest);
                    case PLATEAU ->
                        new Schedule.Plateau(factor, orElse(decayPatience, Schedule.Plateau.PATIENCE), lowest);
                });
    }

    private String given(String... options) {
        // Defaults of options that the command line lacks are never refused.
        return String.join(", ", ((Subcommand) command.userObject()).given(options));
    }

    private static <T> T orElse(@Nullable T asked, T usual) {
        return asked == null ? usual : asked;
    }
}
