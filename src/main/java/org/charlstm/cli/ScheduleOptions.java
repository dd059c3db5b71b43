package org.charlstm.cli;

import java.util.List;
import org.charlstm.train.Schedule;
import org.charlstm.train.TrainingOptions;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How the learning rate changes over a training. */
final class ScheduleOptions {
    private static final String CONSTANT = "constant";
    private static final String STEP = "step";
    private static final String EXPONENTIAL = "exponential";
    private static final String COSINE = "cosine";
    private static final String PLATEAU = "plateau";
    /** All there are. */
    static final List<String> NAMES = List.of(CONSTANT, STEP, EXPONENTIAL, COSINE, PLATEAU);

    @Option(names = "--schedule", paramLabel = "SCHEDULE", defaultValue = CONSTANT,
            completionCandidates = Choices.OfSchedule.class,
            description = "How the rate changes: constant; step, by --decay after every --decay-every epochs; "
                    + "exponential, the same a little in each update; cosine, to --min-rate over --decay-epochs; "
                    + "plateau, by --decay after --decay-patience epochs without a lower loss, that of --monitor. "
                    + "Default: ${DEFAULT-VALUE}.")
    private String schedule;

    @Option(names = "--warm-up", paramLabel = "N", defaultValue = "0",
            description = "Updates at the beginning over which the rate rises in equal steps. "
                    + "Default: ${DEFAULT-VALUE}.")
    private int warmUp;

    @Option(names = "--decay", paramLabel = "X",
            description = "What the rate is multiplied by. Default of step and plateau: " + Schedule.Step.DECAY + ".")
    private @Nullable Double decay;

    @Option(names = "--decay-every", paramLabel = "N",
            description = "After how many epochs of step, or over how many of exponential. Default of exponential: 1.")
    private @Nullable Integer every;

    @Option(names = "--decay-epochs", paramLabel = "N",
            description = "Epochs of cosine, warm-up included; after them the rate stays. Default: --epochs.")
    private @Nullable Integer decayEpochs;

    @Option(names = "--min-rate", paramLabel = "X",
            description = "The lowest rate of cosine and plateau. Default: 0.")
    private @Nullable Double minimum;

    @Option(names = "--decay-patience", paramLabel = "N",
            description = "Epochs of plateau, which acts in runs of two more at least. Default: "
                    + Schedule.Plateau.PATIENCE + ".")
    private @Nullable Integer patience;

    /** Sets the default of the cosine's epochs, too: a run that goes on for more has to keep it. */
    void check(int epochs, double learningRate) {
        UsageException.requireOneOf("--schedule", schedule, NAMES);
        UsageException.requireAtLeast("--warm-up", warmUp, 0);
        requireFor("--decay", decay, STEP, EXPONENTIAL, PLATEAU);
        requireFor("--decay-every", every, STEP, EXPONENTIAL);
        requireFor("--decay-epochs", decayEpochs, COSINE);
        requireFor("--min-rate", minimum, COSINE, PLATEAU);
        requireFor("--decay-patience", patience, PLATEAU);
        if (schedule.equals(STEP) && every == null) {
            throw new UsageException("--schedule step needs --decay-every, a number of epochs");
        }
        if (schedule.equals(EXPONENTIAL) && decay == null) {
            throw new UsageException("--schedule exponential needs --decay, such as 0.9");
        }
        if (decay != null && !(decay > 0 && decay <= 1)) {
            throw new UsageException("--decay is " + decay + "; it must be above 0 and at most 1");
        }
        if (minimum != null && !(minimum >= 0 && minimum <= learningRate)) {
            throw new UsageException("--min-rate is " + minimum + "; it must be from 0 to the learning rate, "
                    + learningRate);
        }
        UsageException.requireFloat32("--min-rate", minimum == null ? 0 : minimum);
        if (schedule.equals(COSINE) && decayEpochs == null) {
            if (epochs == 0) {
                throw new UsageException("--schedule cosine with --epochs 0 needs --decay-epochs");
            }
            decayEpochs = epochs;
        }
        UsageException.requireAtLeast("--decay-every", every, 1);
        UsageException.requireAtLeast("--decay-epochs", decayEpochs, 1);
        UsageException.requireAtLeast("--decay-patience", patience, 1);
    }

    private void requireFor(String option, @Nullable Object given, String... those) {
        UsageException.requireFor(option, given, "--schedule", schedule, those);
    }

    /** With what was asked for. */
    TrainingOptions of(TrainingOptions options) {
        double lowest = minimum == null ? 0 : minimum;
        double by = decay == null ? Schedule.Step.DECAY : decay;
        return options.schedule(switch (schedule) {
            case STEP -> new Schedule.Step(by, orElse(every, 1));
            case EXPONENTIAL -> new Schedule.Exponential(by, orElse(every, 1));
            case COSINE -> new Schedule.Cosine(orElse(decayEpochs, 1), lowest);
            case PLATEAU -> new Schedule.Plateau(by, orElse(patience, Schedule.Plateau.PATIENCE), lowest);
            default -> new Schedule.Constant();
        }, warmUp);
    }

    private static int orElse(@Nullable Integer asked, int usual) {
        return asked == null ? usual : asked;
    }
}
