package org.charlstm.cli;

import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import org.charlstm.Quantity;
import org.charlstm.device.Device;
import org.charlstm.device.Draw;
import org.charlstm.io.SavedModel;
import org.charlstm.nn.Model;
import org.charlstm.sample.Beginnings;
import org.charlstm.sample.Sampler;
import org.charlstm.sample.SamplingOptions;
import org.charlstm.text.Features;
import org.charlstm.text.Vocabulary;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code charlstm sample}. */
@Command(name = "sample", sortOptions = false,
        description = "Writes new sentences, one a line; new running text as it is, with a line of hyphens between.")
final class SampleCommand extends DeviceCommand {
    /** The characters of running text, which has no end. */
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

    @Mixin
    private BeamOptions beam;

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
        List<Draw> each = sentences.draws();
        String ofDraws =
                sentences.ofDraws() != null ? sentences.ofDraws() : seed != null ? "--seed" : keepState ? "--keep-state"
                        : pastEnd ? "--past-end" : window != null ? "--window" : null;
        beam.check(count, ofDraws);
        requireAlone(ofDraws);
        UsageException.when(beam.isAsked() && time,
                "--time is for sentences that are drawn, not for --beam; leave it out");
        sentences.check();
        device.check();
        SavedModel saved = argument.load(console());
        Vocabulary vocabulary = saved.requireVocabulary();
        UsageException.when(saved.window() > 0 && (keepState || beam.isAsked()),
                "%s goes on from a state, but %s predicts from the last %s characters alone; leave it out",
                keepState ? "--keep-state" : "--beam", argument.path(), saved.window());
        Beginnings beginnings =
                sentences.beginnings(count != null ? count
                        : sentences.hasFile() || condition.isGiven() ? 1 : beam.atMost(COUNT), vocabulary,
                        console());
        Features features = interactive ? condition.one(saved.config(), argument.path())
                : condition.read(saved.config(), argument.path());
        if (features != null) {
            beginnings = beginnings.about(features);
        }
        write(saved, beginnings, each);
        return 0;
    }

    private void write(SavedModel saved, Beginnings beginnings, List<Draw> each) {
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
            if (beam.isAsked()) {
                beam.write(model, vocabulary, options, beginnings, json, console());
                opened.warnings().forEach(console()::warn);
                return;
            }
            write(each, draw -> UnknownOption
                    .refusing(() -> new Sampler(model, vocabulary, options.draw(draw), beginnings)), vocabulary,
                    Math.multiplyExact(beginnings.texts().size(), beginnings.each()));
            opened.warnings().forEach(console()::warn);
        }
    }

    /** Refuses options that {@code --interactive} has no use for. */
    private void requireAlone(@Nullable String ofDraws) {
        String other = ofDraws != null ? ofDraws : beam.isAsked() ? "--beam" : count != null ? "--count"
                : sentences.hasFile() ? "--prime-file" : stop != null ? "--stop" : time ? "--time" : json ? "--json"
                : null;
        UsageException.when(interactive && other != null,
                "--interactive takes each character from you, and has no use for %s; leave one out", other);
    }

    private void write(List<Draw> each, Function<Draw, Sampler> samplers, Vocabulary vocabulary, int count) {
        PrintStream out = console().out();
        List<Sampler> all = each.stream().map(samplers).toList();
        long start = System.nanoTime();
        long symbols = 0;
        boolean groups = all.size() > 1;
        boolean listening = true;
        out.print(json ? "[\n" : "");
        for (int i = 0; i < all.size() && listening; i++) {
            double temperature = each.get(i).temperature();
            if (groups) {
                out.print(json ? (i == 0 ? "" : ",\n") + "  {\n    \"temperature\": " + temperature
                        + ",\n    \"sentences\": [\n" : (i == 0 ? "" : "\n") + "temperature " + temperature + "\n");
            }
            SentencePrinter printer = new SentencePrinter(out, vocabulary, json
                    ? SentencePrinter.Form.json(groups ? "      " : "  ")
                    : SentencePrinter.Form.lines(vocabulary, count));
            all.get(i).sample(count, printer);
            symbols += printer.symbols();
            listening = printer.listening();
            out.print(groups && json ? "\n    ]\n  }" : "");
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
        return saved.requireVocabulary().hasMarkers() ? saved.steps()
                : RUNNING + beginnings.texts().stream().mapToInt(text -> text.codePointCount(0, text.length())).max()
                        .orElseThrow();
    }
}
