package org.charlstm.cli.model;

import com.google.gson.JsonArray;
import module java.base;
import org.charlstm.base.Json;
import org.charlstm.base.Quantity;
import org.charlstm.cli.console.UsageException;
import org.charlstm.cli.options.ConditionOption;
import org.charlstm.cli.options.Converters;
import org.charlstm.cli.options.DeviceCommand;
import org.charlstm.cli.options.ModelArgument;
import org.charlstm.cli.options.SentenceOptions;
import org.charlstm.cli.options.UnknownOption;
import org.charlstm.device.Device;
import org.charlstm.device.Draw;
import org.charlstm.io.SavedModel;
import org.charlstm.nn.Model;
import org.charlstm.sample.BeamSearch;
import org.charlstm.sample.Beginnings;
import org.charlstm.sample.Sampler;
import org.charlstm.sample.SamplingOptions;
import org.charlstm.text.Features;
import org.charlstm.text.Vocabulary;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "sample", sortOptions = false,
        description = "Writes new sentences, one a line; new running text as it is, with a line of hyphens between.")
public final class SampleCommand extends DeviceCommand {
    /** The usual number of characters of running text, which has no end. */
    private static final int RUNNING = 400;
    private static final int COUNT = 5;

    @Mixin
    private ModelArgument argument;

    @Option(names = "--count", paramLabel = "N", converter = Converters.FromOne.class,
            description = "How many sentences, of each temperature and line. Default: " + COUNT
                    + ", with --prime-file or --condition 1.")
    private @Nullable Integer count;

    @Mixin
    private SentenceOptions sentences;

    @Mixin
    private ConditionOption condition;

    @Option(names = "--stop", paramLabel = "TEXT", parameterConsumer = Converters.LiteralText.class,
            description = "End a sentence where this has been written after its beginning; it is not printed.")
    private @Nullable String stop;

    @Option(names = "--beam", paramLabel = "N", converter = Converters.FromOne.class,
            description = "Search for the most probable sentences instead of drawing. N are kept at each "
                    + "step, and --count of them printed, the best first.")
    private @Nullable Integer beams;

    @Option(names = "--length-penalty", paramLabel = "A", description = "With --beam: order sentences by their "
            + "log-probability divided by their length to the power of A. Default: 0, by the log-probability itself.")
    private @Nullable Double lengthPenalty;

    @Option(names = "--interactive",
            description = "Show the most probable next characters with their shares, and take a line for each pick: "
                    + "a number or the character itself, an empty line for the first, - to step back, . to end.")
    private boolean interactive;

    @Option(names = "--seed", paramLabel = "N", description = "Fixes every draw. Default: 1.")
    private @Nullable Long seed;

    @Option(names = "--max-length", paramLabel = "N", converter = Converters.FromOne.class,
            description = "The most characters of a sentence. Default: the model's time steps; for a model of running "
                    + "text " + RUNNING + " more than the longest beginning.")
    private @Nullable Integer maxLength;

    @Option(names = "--keep-state",
            description = "Start each sentence from the state that the one before left, not from zeros.")
    private boolean keepState;

    @Option(names = "--past-end", description = "Go on after the end symbol, shown as \u22A3, up to --max-length.")
    private boolean pastEnd;

    @Option(names = "--window", paramLabel = "T", converter = Converters.FromOne.class,
            description = "Draw each character from the last T alone and a state of zeros, as a stateless Keras model "
                    + "predicts. Default: all before; of a model that predicts the last step alone, its time steps.")
    private @Nullable Integer window;

    @Option(names = "--time", description = "Say on standard error how long the sentences took, without the start.")
    private boolean time;

    @Option(names = "--json", description = "Print a JSON array of strings; of several temperatures one of "
            + "{\"temperature\", \"sentences\"}, with --beam of {\"text\", \"log_probability\"}.")
    private boolean json;

    @Override
    public Integer call() {
        UsageException.when(window != null && keepState,
                "--keep-state keeps nothing with --window; leave one of them out");
        UsageException.when(stop != null && stop.isEmpty(), "--stop is empty; give a text, or leave it out");
        UsageException.when(keepState && condition.isGiven(),
                "--keep-state keeps nothing with --condition, from which each sentence begins; leave one of them out");
        List<Draw> draws = sentences.draws();
        List<String> ofDraws = given("--temperature", "--top-k", "--top-p", "--seed", "--keep-state", "--past-end",
                "--window");
        checkBeam(ofDraws);
        List<String> useless = Stream.of(ofDraws, given("--beam", "--count", "--prime-file", "--stop", "--time",
                "--json")).flatMap(List::stream).toList();
        UsageException.when(interactive && !useless.isEmpty(),
                "--interactive takes each character from you, and has no use for %s; leave one out",
                useless.isEmpty() ? "" : useless.getFirst());
        UsageException.when(beams != null && time,
                "--time is for sentences that are drawn, not for --beam; leave it out");
        sentences.check();
        device.check();
        SavedModel saved = argument.load(console());
        UsageException.when(saved.window() > 0 && (keepState || beams != null),
                "%s goes on from a state, but %s predicts from the last %s characters alone; leave it out",
                keepState ? "--keep-state" : "--beam", argument.path(), saved.window());
        int usual =
                sentences.comeFromFile() || condition.isGiven() ? 1 : beams == null ? COUNT : Math.min(beams, COUNT);
        Beginnings beginnings = sentences.beginnings(count != null ? count : usual, saved.requireVocabulary(),
                console());
        Features features = interactive ? condition.one(saved.config(), argument.path())
                : condition.read(saved.config(), argument.path());
        write(saved, features == null ? beginnings : beginnings.about(features), draws);
        return 0;
    }

    /** Refuses options that do not fit a beam search, or that need one. */
    private void checkBeam(List<String> ofDraws) {
        UsageException.when(lengthPenalty != null && !(lengthPenalty >= 0 && lengthPenalty < Double.POSITIVE_INFINITY),
                "--length-penalty is %s; it must be a number from 0 on", lengthPenalty);
        UsageException.when(lengthPenalty != null && beams == null, "--length-penalty is for --beam; leave it out");
        UsageException.when(beams != null && !ofDraws.isEmpty(),
                "%s is for sentences that are drawn, and --beam draws none; leave one out",
                ofDraws.isEmpty() ? "" : ofDraws.getFirst());
        UsageException.when(beams != null && count != null && count > beams,
                "--count is %s, but --beam keeps %s; keep more", count, beams);
    }

    private void write(SavedModel saved, Beginnings beginnings, List<Draw> draws) {
        Vocabulary vocabulary = saved.requireVocabulary();
        SamplingOptions options = SamplingOptions.DEFAULT.seed(seed == null ? 1 : seed)
                .maxLength(maxLength == null ? defaultLength(saved, beginnings) : maxLength)
                .stop(stop == null ? "" : stop).keepState(keepState).pastEnd(pastEnd)
                .window(window == null ? saved.window() : window);
        try (Device opened = device.open(console()); Model model = new Model(opened, saved.weights())) {
            if (interactive) {
                new InteractiveSampling(model, vocabulary, saved.window(), beginnings.about(), console())
                        .write(beginnings.texts().getFirst(), options.maxLength());
                return;
            }
            if (beams != null) {
                search(new BeamSearch(model, vocabulary, options, beams, lengthPenalty == null ? 0 : lengthPenalty),
                        beginnings, vocabulary);
            } else {
                Map<Double, Sampler> samplers = new LinkedHashMap<>();
                draws.forEach(draw -> samplers.put(draw.temperature(), UnknownOption.refusing(
                        () -> new Sampler(model, vocabulary, options.draw(draw), beginnings))));
                write(samplers, vocabulary, Math.multiplyExact(beginnings.texts().size(), beginnings.each()));
            }
            opened.warnings().forEach(console()::warn);
        }
    }

    private void search(BeamSearch search, Beginnings beginnings, Vocabulary vocabulary) {
        List<BeamSearch.Found> found = UnknownOption.refusing(() -> search.search(beginnings)).stream()
                .flatMap(each -> each.stream().limit(beginnings.each())).toList();
        if (json) {
            JsonArray array = new JsonArray();
            found.forEach(each -> array.add(Json.of(each)));
            console().json(Json.pretty(array));
            return;
        }
        SentencePrinter.Form form = SentencePrinter.Form.lines(vocabulary);
        console().out().print(found.stream().map(each -> form.symbol().apply(each.text()) + form.after())
                .collect(Collectors.joining(form.between())));
        console().out().flush();
    }

    /** Prints {@code sentenceCount} sentences of each temperature's sampler. */
    private void write(Map<Double, Sampler> samplers, Vocabulary vocabulary, int sentenceCount) {
        PrintStream out = console().out();
        long start = System.nanoTime();
        long symbols = 0;
        boolean groups = samplers.size() > 1;
        boolean first = true;
        out.print(json ? "[\n" : "");
        for (Map.Entry<Double, Sampler> each : samplers.entrySet()) {
            if (groups) {
                out.print(json ? (first ? "" : ",\n") + "  {\n    \"temperature\": " + each.getKey()
                        + ",\n    \"sentences\": [\n" : (first ? "" : "\n") + "temperature " + each.getKey() + "\n");
            }
            first = false;
            SentencePrinter printer = new SentencePrinter(out, vocabulary, json
                    ? SentencePrinter.Form.json(groups ? "      " : "  ") : SentencePrinter.Form.lines(vocabulary));
            each.getValue().sample(sentenceCount, printer);
            symbols += printer.symbols;
            out.print(groups && json ? "\n    ]\n  }" : "");
            if (!printer.listening()) {
                break;
            }
        }
        out.print(json ? "\n]\n" : "");
        out.flush();
        if (time) {
            double seconds = 1e-9 * (System.nanoTime() - start);
            console().err().printf(Locale.ROOT, "%d %s in %.6f s, %.0f characters/s%n", symbols,
                    Quantity.unit(symbols == 1, "characters"), seconds, symbols / seconds);
        }
    }

    private static int defaultLength(SavedModel saved, Beginnings beginnings) {
        return saved.requireVocabulary().hasMarkers() ? saved.steps() : RUNNING + beginnings.texts().stream()
                .mapToInt(text -> text.codePointCount(0, text.length())).max().orElseThrow();
    }
}
