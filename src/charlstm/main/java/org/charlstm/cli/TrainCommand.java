package org.charlstm.cli;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.DeviceException;
import org.charlstm.base.Setting;
import org.charlstm.cli.console.Console;
import org.charlstm.cli.console.Interruption;
import org.charlstm.cli.console.UsageException;
import org.charlstm.cli.options.ConditionOption;
import org.charlstm.cli.options.Converters;
import org.charlstm.cli.options.DeviceCommand;
import org.charlstm.cli.options.FormatOptions;
import org.charlstm.cli.options.ModelArgument;
import org.charlstm.cli.options.ModelOptions;
import org.charlstm.cli.options.RankOptions;
import org.charlstm.cli.options.RunOptions;
import org.charlstm.cli.options.TextOptions;
import org.charlstm.cli.options.TrainOption;
import org.charlstm.cli.options.TrainOption.Resumed;
import org.charlstm.cli.options.TrainOption.Section;
import org.charlstm.cli.options.UnknownOption;
import org.charlstm.cli.options.UpdateOptions;
import org.charlstm.cli.options.ValidationOptions;
import org.charlstm.device.Device;
import org.charlstm.device.UpdateRule.RmsProp;
import org.charlstm.io.SavedModel;
import org.charlstm.nn.InitialWeights;
import org.charlstm.nn.Model;
import org.charlstm.nn.ModelConfig;
import org.charlstm.rank.Collective;
import org.charlstm.run.ModelLayers;
import org.charlstm.run.Setup;
import org.charlstm.run.TrainingRun;
import org.charlstm.run.TrainingText;
import org.charlstm.run.folder.RunState;
import org.charlstm.run.folder.StateFile;
import org.charlstm.text.Captions;
import org.charlstm.text.Corpus;
import org.charlstm.text.Vocabulary;
import org.charlstm.train.DivergenceException;
import org.charlstm.train.PaddingMode;
import org.charlstm.train.Trainer;
import org.charlstm.train.TrainingOptions;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParseResult;

@Command(name = "train", sortOptions = false, abbreviateSynopsis = true,
        description = "Trains a model on captions and saves it in a run's folder.")
final class TrainCommand extends DeviceCommand {
    @Parameters(arity = "0..*", paramLabel = "TEXT", description = TextOptions.CAPTIONS
            + " Default: 10,000 built-in generated captions.")
    private @Nullable List<Path> text;

    @Option(names = "--epochs", paramLabel = "N", defaultValue = "10",
            description = "Passes over the captions; 0 saves the initial weights. Default: ${DEFAULT-VALUE}.")
    @TrainOption(section = Section.MOST_USED, place = 1, resumed = Resumed.FREE)
    private int epochs;

    @Option(names = "--batch-size", paramLabel = "N", defaultValue = "" + TrainingOptions.BATCH_SIZE,
            description = "Captions in a step; the smaller last batch counts too. Default: ${DEFAULT-VALUE}.")
    @TrainOption(section = Section.TRAINING, resumed = Resumed.SAME)
    private int batchSize;

    @Mixin
    private ModelOptions layers;
    @Mixin
    private FormatOptions format;

    @Option(names = "--accumulate", paramLabel = "N", defaultValue = "1", description = "The batches of an update, "
            + "which act as one large batch that would not fit; but batch normalisation sees each by itself, "
            + "and streams are as many as --batch-size. Default: ${DEFAULT-VALUE}.")
    @TrainOption(section = Section.TRAINING, resumed = Resumed.SAME)
    private int accumulate;

    @Option(names = "--padding", paramLabel = "MODE", defaultValue = "lab",
            description = "The end symbols that pad captions: lab counts them like any symbol; mask leaves "
                    + "them out of loss and gradients; bucket also puts captions of similar length side"
                    + " by side, and computes little padding. Default: ${DEFAULT-VALUE}.")
    @TrainOption(section = Section.TEXT, place = 4, resumed = Resumed.SAME)
    private PaddingMode padding;

    @Mixin
    private UpdateOptions updates;

    @Option(names = "--seed", paramLabel = "N", defaultValue = "1", description = "Fixes initial weights and the order "
            + "of captions, alike on every device. Default: ${DEFAULT-VALUE}.")
    @TrainOption(section = Section.TRAINING, resumed = Resumed.SAME)
    private long seed;

    @Option(names = "--no-shuffle", description = "Take the captions in the order of the file in every epoch.")
    @TrainOption(section = Section.TEXT, place = 6, resumed = Resumed.SAME)
    private boolean noShuffle;

    @Mixin
    private TextOptions options;
    @Mixin
    private ConditionOption condition;
    @Mixin
    private ValidationOptions validation;
    @Mixin
    private RunOptions runOptions;

    @Option(names = "--resume", paramLabel = "RUN", description = "Go on with the run in this folder, or from one of "
            + "the states in it, with its own settings, up to --epochs in all. Only the learning rate with its "
            + "schedule, and options that do not change the result, may be given anew.")
    @TrainOption(section = Section.MOST_USED, place = 5, resumed = Resumed.RUN)
    private @Nullable Path resume;

    @Option(names = "--init", paramLabel = "FILE", description = "Start from the weights of this model, of a run's "
            + "folder the last, and take its sizes and vocabulary.")
    @TrainOption(section = Section.MODEL, resumed = Resumed.BEGINNING)
    private @Nullable Path init;

    @Option(names = "--out", paramLabel = "DIR", converter = Converters.Folder.class,
            description = "The run's folder. Default: a fresh one under runs/, to which runs/latest points.")
    @TrainOption(section = Section.MOST_USED, place = 3, resumed = Resumed.BEGINNING)
    private @Nullable Path out;

    @Option(names = "--force", description = "Overwrite a run that --out already holds.")
    @TrainOption(section = Section.SAVING, place = -1, resumed = Resumed.BEGINNING)
    private boolean force;

    @Mixin
    private RankOptions several;

    /** The options with which a resumed run began. */
    private Map<String, @Nullable String> begun = Map.of();

    @Override
    public Integer call() {
        RunState state = null;
        if (resume != null) {
            resume = StateFile.settled(resume);
            state = StateFile.load(resume);
            begun = state.options();
            ParseResult given = spec.commandLine().getParseResult();
            spec.commandLine().parseArgs(Resumption.line(given, resume, state, text,
                    console().command("train", "--resume", resume)).toArray(String[]::new));
        }
        Setup asked = setup();
        if (state != null) {
            UsageException.when(epochs < state.training().epoch(), "--epochs is %s, but %s has come to epoch %s",
                    epochs, resume, state.training().epoch());
        }
        SavedModel start = state != null ? state.model()
                : init == null ? null : ModelArgument.loadTensors(init, layers.unsaid(), console());
        if (start != null) {
            asked = asked.training(updates.startingFrom(asked.training(), start.config().cells().getFirst().name()));
        }
        device.warmUp();
        Vocabulary known = start == null ? null : start.vocabulary();
        boolean running = known != null ? !known.hasMarkers() : format.isRunning();
        checkFormat(running, start);
        Captions captions = captions(running, start, known);
        Vocabulary vocabulary = known != null ? known.preprocessed(captions.preprocessing())
                : running ? Vocabulary.ofRunning(captions) : Vocabulary.of(captions);
        Corpus encoded = UnknownOption.refusing(() -> Corpus.encode(captions, vocabulary));
        Corpus corpus = ConditionOption.with(encoded, start == null ? condition.read()
                : condition.read(start.config(), Objects.requireNonNull(startedFrom(), "it has a name")));
        Setup setup = asked.layers(asked.layers().conditioned(corpus.features()));
        if (start == null) {
            UsageException.checked(layers.names(), () -> setup.model(vocabulary.size()));
        } else {
            requireFitting(start.config(), vocabulary, captions);
            ModelArgument.sayAssumed(start, Objects.requireNonNull(startedFrom()), layers.unsaid(), console());
        }
        TrainingText learned = validation.split(captions, corpus, options, format.strideOr(corpus.steps()), console());
        try {
            setup.training().requireRoom(learned.corpus().rows());
        } catch (IllegalArgumentException e) {
            throw new UsageException("--warm-up, --decay-epochs: " + e.getMessage());
        }
        RankOptions.Joined joined = several.join(device);
        try (Device opened = joined.device();
                Model model = new Model(opened, start == null ? setup.weights(vocabulary.size()) : start.weights())) {
            int code = joined.ranks().rank() > 0 ? follow(model, learned, setup, joined.ranks())
                    : run(model, learned, setup, joined.ranks());
            // After a failure, the end of this process ends the other ranks.
            joined.ranks().close();
            return code;
        }
    }

    @Override
    protected Console console() {
        return several.isFirst() ? super.console() : super.console().silent();
    }

    /** The hyperparameters. Refuses invalid options before any file is read. */
    private Setup setup() {
        ModelLayers modelLayers = layers.modelLayers();
        InitialWeights initial = layers.weights(init);
        options.check();
        // A resumed run may have begun with an encoding that had no effect.
        if (text == null && begun.get("encoding") == null) {
            options.requireNoEncoding();
        }
        validation.check(text, condition.isGiven(), startsFromModel());
        runOptions.check(validation.isGiven());
        updates.check(epochs, layers.named());
        TrainingOptions batches = UsageException.checked("--batch-size", () -> new TrainingOptions(batchSize,
                RmsProp.LEARNING_RATE, seed, !noShuffle));
        TrainingOptions updated = UsageException.checked("--accumulate", () -> batches.accumulate(accumulate));
        TrainingOptions training = updates.of(updated).padding(padding).streams(format.is(FormatOptions.Format.STREAM));
        Setup setup = UsageException.checked("--epochs", () -> new Setup(modelLayers, epochs, training, initial,
                runOptions.stopping()));
        device.check();
        return setup;
    }

    /** Refuses options that do not fit running text, or captions. */
    private void checkFormat(boolean running, @Nullable SavedModel start) {
        format.require(running, start == null ? layers.modelLayers().prediction() : start.config().prediction(),
                startedFrom());
        UsageException.when(running && text == null, "name a text; the built-in captions are no running text");
        UsageException.when(running && condition.isGiven(),
                "--condition is for captions, and running text has none; leave it out");
        UsageException.when(running && padding != PaddingMode.LAB,
                "--padding is %s, but running text has none; leave it out", padding);
    }

    private Captions captions(boolean running, @Nullable SavedModel start, @Nullable Vocabulary known) {
        options.takeAsTheModel(resume != null);
        options.takeSentences(format.is(FormatOptions.Format.SENTENCES));
        Vocabulary kept = known != null && startsFromModel() ? validation.kept(known) : null;
        if (text == null) {
            UsageException.when(format.is(FormatOptions.Format.SENTENCES), "name a text to split into sentences");
            Captions generated = options.generated(known);
            return kept == null ? generated : generated.known(kept);
        }
        return options.read(text, running ? format.cut(start) : null, options.samples(), known, kept, console());
    }

    /** Whether the run's vocabulary comes from another model, and so may lack characters of the text. */
    private boolean startsFromModel() {
        return init != null || begun.get("init") != null;
    }

    /** The model that training starts from; null for a new model. */
    private @Nullable Path startedFrom() {
        return resume != null ? resume : init;
    }

    /** Refuses a model that does not have the requested sizes or does not fit the text. */
    private void requireFitting(ModelConfig config, Vocabulary vocabulary, Captions captions) {
        layers.requireFitting(config, startedFrom());
        if (config.symbols() != vocabulary.size()) {
            throw new CharlstmException(startedFrom() + " has " + config.symbols() + " symbols, but "
                    + captions.source() + " needs " + vocabulary.size()
                    + (vocabulary.hasMarkers() ? " (its characters, start and end)" : " (its characters)")
                    + "; use the text it was made for");
        }
    }

    private int follow(Model model, TrainingText learned, Setup setup, Collective ranks) {
        ((Main) spec.root().userObject()).failures.joinedAs(ranks.name(ranks.rank()) + ": ");
        TrainingRun run = new TrainingRun(model, learned, setup).ranks(ranks);
        try (Interruption interruption = new Interruption(console(), "", run::stop)) {
            TrainingRun.End end = resume == null ? run.train(out, force) : run.resume(resume);
            return end == TrainingRun.End.WHOLE || end == TrainingRun.End.EARLY ? 0
                    : interruption.code(Main.INTERRUPTED);
        }
    }

    private int run(Model model, TrainingText learned, Setup setup, Collective ranks) {
        TrainingRun run = new TrainingRun(model, learned, setup).options(options())
                .checkpoints(runOptions.checkpoints()).ranks(ranks);
        try (RunConsole console = new RunConsole(console(), run, runOptions, device.why())) {
            runOptions.follow(run);
            run.add(console).stopOnRequest();
            TrainingRun.End end = resume == null ? run.train(out, force) : run.resume(resume);
            return console.exitCode(end);
        } catch (DeviceException e) {
            throw e.outOfMemory() && Setting.mending(e).contains(Setting.BATCH_SIZE)
                    ? new CharlstmException(e.getMessage() + fitting(model, learned, setup.training()), e) : e;
        } catch (DivergenceException e) {
            throw new CharlstmException(e.what() + "; " + updates.lowerRate(), e);
        }
    }

    /** Advice on the largest batch that fits, found by halving, since only a trial on the device can tell. */
    private String fitting(Model model, TrainingText learned, TrainingOptions training) {
        String steps = String.format(Locale.ROOT, "; a row has %,d steps, fewer by %s", learned.corpus().steps(),
                learned.vocabulary().hasMarkers() ? "--max-caption" : "--window");
        for (int batch = batchSize / 2; batch > 0; batch /= 2) {
            try {
                int parts = (int) Math.min(Integer.MAX_VALUE, (long) Math.ceilDiv(batchSize, batch) * accumulate);
                new Trainer(model, learned.corpus(), training.batchSize(batch).accumulate(parts)).close();
                return steps + "; --batch-size " + batch + " fits, for as large an update with --accumulate " + parts;
            } catch (DeviceException e) {
                if (!e.outOfMemory()) {
                    return steps;
                }
            } catch (OutOfMemoryError e) {
                // The batch fits, but leaves no memory for anything else.
            }
        }
        return steps + "; not even --batch-size 1 fits, so take a smaller --hidden";
    }

    /** Every option's value, for the run's description. */
    private Map<String, @Nullable String> options() {
        Map<String, @Nullable String> asked = new LinkedHashMap<>();
        spec.options().stream().filter(option -> !option.usageHelp() && !option.versionHelp())
                .forEach(option -> asked.put(option.longestName().substring(2),
                        option.getValue() == null ? null : option.getValue().toString()));
        // A resumed run keeps the options of its beginning, which this command line lacks.
        spec.options().stream().filter(Resumption::isOfBeginning).map(option -> option.longestName().substring(2))
                .filter(begun::containsKey).forEach(name -> asked.put(name, begun.get(name)));
        Resumption.keep(text, spec.options().stream().map(OptionSpec::getValue).filter(Path.class::isInstance)
                .map(Path.class::cast).toList(), asked);
        return asked;
    }
}
