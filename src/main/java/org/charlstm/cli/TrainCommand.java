package org.charlstm.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.charlstm.CharlstmException;
import org.charlstm.device.Activation;
import org.charlstm.device.Device;
import org.charlstm.device.RecurrentActivation;
import org.charlstm.device.RmsProp;
import org.charlstm.io.ModelFile;
import org.charlstm.io.SavedModel;
import org.charlstm.nn.Initializer;
import org.charlstm.nn.Model;
import org.charlstm.nn.ModelConfig;
import org.charlstm.text.CaptionFile;
import org.charlstm.text.Captions;
import org.charlstm.text.Corpus;
import org.charlstm.text.RunningText;
import org.charlstm.text.Vocabulary;
import org.charlstm.text.generated.GeneratedCaptions;
import org.charlstm.train.RunFolder;
import org.charlstm.train.Trainer;
import org.charlstm.train.TrainingOptions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code charlstm train}. */
@Command(name = "train", sortOptions = false,
        description = "Trains a model on captions and saves it in a run's folder.")
final class TrainCommand implements Callable<Integer> {
    @ParentCommand
    private Main main;
    @Spec
    private CommandSpec spec;
    @Mixin
    private DeviceOption device;

    @Parameters(arity = "0..1", paramLabel = "TEXT",
            description = "Captions, one a line, UTF-8. Default: 10,000 built-in generated captions.")
    private Path text;

    @Option(names = "--epochs", paramLabel = "N", defaultValue = "10",
            description = "Passes over the captions; 0 saves the initial weights. Default: ${DEFAULT-VALUE}.")
    private int epochs;

    @Option(names = "--batch-size", paramLabel = "N", defaultValue = "" + TrainingOptions.BATCH_SIZE,
            description = "Captions in a step; the smaller last batch counts too. Default: ${DEFAULT-VALUE}.")
    private int batchSize;

    @Option(names = "--hidden", paramLabel = "N",
            description = "LSTM units. Default: " + ModelConfig.LAB_UNITS + ", or those of --init.")
    private Integer hidden;

    @Option(names = "--layers", paramLabel = "N",
            description = "LSTM layers, one above the other. Default: 1, or those of --init.")
    private Integer layers;

    @Option(names = "--dense", paramLabel = "N", description = "Units of the middle layer, 0 to leave it out. Default: "
            + ModelConfig.LAB_UNITS + ", or those of --init.")
    private Integer dense;

    @Option(names = "--recurrent-activation", paramLabel = "ACTIVATION",
            completionCandidates = Choices.OfRecurrentActivation.class,
            description = "What makes the LSTM's gates: sigmoid, or hard_sigmoid as in Keras up to 2.2. Default: "
            + "sigmoid, or that of --init.")
    private String recurrentActivation;

    @Option(names = "--window", paramLabel = "T", description = "Take the text as running text, without start and end "
            + "symbols, in windows of T steps. Default with an --init of that kind: its steps.")
    private Integer window;

    @Option(names = "--learning-rate", paramLabel = "X", defaultValue = "" + RmsProp.LEARNING_RATE,
            description = "RMSprop's learning rate. Default: ${DEFAULT-VALUE}.")
    private double learningRate;

    @Option(names = "--rmsprop-epsilon", paramLabel = "X", defaultValue = "" + RmsProp.EPSILON,
            description = "RMSprop's epsilon, outside the root; Keras 1 has 1e-8. Default: ${DEFAULT-VALUE}.")
    private double epsilon;

    @Option(names = "--seed", paramLabel = "N", defaultValue = "1",
            description = "Fixes initial weights and the order of captions, alike on every device. "
            + "Default: ${DEFAULT-VALUE}.")
    private long seed;

    @Option(names = "--no-shuffle", description = "Take the captions in the order of the file in every epoch.")
    private boolean noShuffle;

    @Mixin
    private MaxSamplesOption maxSamples;

    @Mixin
    private ValidationOption validation;

    @Mixin
    private FollowOptions follow;

    @Option(names = "--init", paramLabel = "FILE",
            description = "Start from the weights of this model and take its sizes and vocabulary.")
    private Path init;

    @Option(names = "--out", paramLabel = "DIR",
            description = "The run's folder. Default: a fresh one under runs/, to which runs/latest points.")
    private Path out;

    @Option(names = "--force", description = "Overwrite a run that --out already holds.")
    private boolean force;

    @Override
    public Integer call() {
        checkUsage();
        SavedModel start = init == null ? null : ModelFile.loadTensors(init);
        boolean named = start != null && start.vocabulary() != null;
        boolean running = named ? !start.vocabulary().hasMarkers() : window != null;
        Captions captions = running ? windows(start) : captions();
        Vocabulary vocabulary = named ? start.vocabulary()
                : running ? Vocabulary.ofRunning(captions) : Vocabulary.of(captions);
        Corpus corpus = Corpus.encode(captions, vocabulary);
        ModelConfig config = start == null ? config(vocabulary) : fitting(start, vocabulary, captions);
        TrainingText learned = validation.split(captions, corpus);
        TrainingOptions options = new TrainingOptions(batchSize, learningRate, epsilon, seed, !noShuffle);
        try (Device opened = device.open();
                Model model = new Model(opened, start == null ? Initializer.keras(config, seed) : start.weights())) {
            return run(model, learned, options);
        }
    }

    private int run(Model model, TrainingText learned, TrainingOptions options) {
        TrainingRun run;
        int code;
        try (Trainer trainer = new Trainer(model, learned.corpus(), options)) {
            // Last, so that a run that cannot start leaves no folder.
            RunFolder folder = RunFolder.prepare(out, force);
            RunDescription description = new RunDescription(spec, seed, model.config(), learned, model.device());
            run = new TrainingRun(main.console(), description, folder, learned, model, options, epochs,
                    new Follower(main.console(), follow, folder, learned, model, seed), device.why());
            code = run.train(trainer);
        }
        if (code == 0) {
            run.end();
        }
        return code;
    }

    private Captions captions() {
        if (window != null) {
            throw new UsageException("--window is " + window + ", but " + init
                    + " has start and end symbols and takes captions; leave it out");
        }
        return text == null
                ? Captions.generated(maxSamples.orElse(GeneratedCaptions.DEFAULT_COUNT), GeneratedCaptions.DEFAULT_SEED)
                : CaptionFile.read(text, maxSamples.orElse(Integer.MAX_VALUE));
    }

    private Captions windows(SavedModel start) {
        if (text == null) {
            throw new UsageException("name a text; the built-in captions are no running text");
        }
        int steps = window != null ? window : start.steps();
        return RunningText.windows(text.toString(), RunningText.read(text), steps + 1, steps,
                maxSamples.orElse(Integer.MAX_VALUE));
    }

    private ModelConfig config(Vocabulary vocabulary) {
        int units = dense == null ? ModelConfig.LAB_UNITS : dense;
        try {
            return new ModelConfig(vocabulary.size(), hidden == null ? ModelConfig.LAB_UNITS : hidden,
                    layers == null ? 1 : layers, RecurrentActivation.of(
                            recurrentActivation == null ? RecurrentActivation.SIGMOID.title() : recurrentActivation),
                    units == 0 ? List.of() : List.of(new ModelConfig.Middle(units, Activation.RELU)));
        } catch (IllegalArgumentException e) {
            throw new UsageException("--hidden, --layers, --dense: " + e.getMessage());
        }
    }

    private void checkUsage() {
        UsageException.requireAtLeast("--epochs", epochs, 0);
        UsageException.requireAtLeast("--batch-size", batchSize, 1);
        if (hidden != null) {
            UsageException.requireAtLeast("--hidden", hidden, 1);
        }
        if (layers != null) {
            UsageException.requireAtLeast("--layers", layers, 1);
        }
        if (dense != null) {
            UsageException.requireAtLeast("--dense", dense, 0);
        }
        if (window != null && (window < 1 || window >= Captions.MAX_LENGTH)) {
            throw new UsageException("--window is " + window + "; it must be from 1 to " + (Captions.MAX_LENGTH - 1));
        }
        if (recurrentActivation != null && !RecurrentActivation.titles().contains(recurrentActivation)) {
            throw new UsageException("--recurrent-activation is '" + recurrentActivation + "'; there are "
                    + String.join(", ", RecurrentActivation.titles()));
        }
        maxSamples.check();
        validation.check();
        follow.check();
        requirePositive("--rmsprop-epsilon", epsilon);
        requirePositive("--learning-rate", learningRate);
        if (out != null && out.toString().isEmpty()) {
            throw new UsageException("--out is empty; name a folder");
        }
        device.check();
    }

    private static void requirePositive(String option, double value) {
        if (!(value > 0 && value < Double.POSITIVE_INFINITY)) {
            throw new UsageException(option + " is " + value + "; it must be a number above 0");
        }
    }

    private void requireSame(String option, Object asked, Object given) {
        if (asked != null && !asked.equals(given)) {
            throw new UsageException(option + " is " + asked + " but " + init + " has " + given + "; leave it out");
        }
    }

    /** The sizes of {@code --init}, if they are those asked for and the text's. */
    private ModelConfig fitting(SavedModel start, Vocabulary vocabulary, Captions captions) {
        ModelConfig config = start.config();
        requireSame("--hidden", hidden, config.hidden());
        requireSame("--layers", layers, config.layers());
        requireSame("--dense", dense, config.middle().isEmpty() ? 0 : config.middle().size() > 1
                ? config.middle().size() + " middle layers" : config.middle().getFirst().units());
        requireSame("--recurrent-activation", recurrentActivation, config.recurrentActivation().title());
        if (config.symbols() != vocabulary.size()) {
            throw new CharlstmException(init + " has " + config.symbols() + " symbols, but " + captions.source()
                    + " needs " + vocabulary.size()
                    + (vocabulary.hasMarkers() ? " (its characters, start and end)" : " (its characters)")
                    + "; use the text it was made for");
        }
        return config;
    }
}
