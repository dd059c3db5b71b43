package org.charlstm.cli;

import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.charlstm.Counted;
import org.charlstm.device.Device;
import org.charlstm.io.Json;
import org.charlstm.io.SavedModel;
import org.charlstm.nn.Model;
import org.charlstm.sample.Sampler;
import org.charlstm.sample.SamplingOptions;
import org.charlstm.text.UnknownCharacters;
import org.charlstm.text.Vocabulary;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** {@code charlstm sample}. */
@Command(name = "sample", sortOptions = false,
        description = "Writes new sentences, one a line; new running text as it is, with a line of hyphens between.")
final class SampleCommand implements Callable<Integer> {
    /** Characters that are written of running text, which has no end. */
    private static final int RUNNING = 400;

    @ParentCommand
    private Main main;
    @Mixin
    private DeviceOption device;

    @Mixin
    private ModelArgument argument;

    @Option(names = "--count", paramLabel = "N", defaultValue = "5",
            description = "How many sentences. Default: ${DEFAULT-VALUE}.")
    private int count;

    @Option(names = "--temperature", paramLabel = "X", defaultValue = "1",
            description = "Divides the logits; 0 takes the most probable symbol. Default: ${DEFAULT-VALUE}.")
    private double temperature;

    @Option(names = "--prime", paramLabel = "TEXT", defaultValue = "", parameterConsumer = AnyText.class,
            description = "How every sentence begins; a model of running text needs it.")
    private String prime;

    @Mixin
    private UnknownOption unknown;

    @Option(names = "--seed", paramLabel = "N", defaultValue = "1",
            description = "Fixes every draw. Default: ${DEFAULT-VALUE}.")
    private long seed;

    @Option(names = "--max-length", paramLabel = "N",
            description = "The most characters of a sentence. Default: the model's time steps; for a model of running "
                    + "text " + RUNNING + " more than --prime.")
    private @Nullable Integer maxLength;

    @Option(names = "--keep-state",
            description = "Start each sentence from the state that the one before left, not from zeros.")
    private boolean keepState;

    @Option(names = "--past-end", description = "Go on after the end symbol, shown as \u22A3, up to --max-length.")
    private boolean pastEnd;

    @Option(names = "--window", paramLabel = "T", description = "Draw each character from the last T alone and a state "
            + "of zeros, as a stateless Keras model predicts.")
    private @Nullable Integer window;

    @Option(names = "--time", description = "Say on standard error how long the sentences took, without the start.")
    private boolean time;

    @Option(names = "--json", description = "Print a JSON array of strings.")
    private boolean json;

    @Override
    public Integer call() {
        UsageException.requireAtLeast("--count", count, 1);
        if (maxLength != null) {
            UsageException.requireAtLeast("--max-length", maxLength, 1);
        }
        if (window != null) {
            UsageException.requireAtLeast("--window", window, 1);
            if (keepState) {
                throw new UsageException("--keep-state keeps nothing with --window; leave one of them out");
            }
        }
        if (!(temperature >= 0 && temperature < Double.POSITIVE_INFINITY)) {
            throw new UsageException("--temperature is " + temperature + "; it must be a number from 0 on");
        }
        unknown.check();
        device.check();
        SavedModel saved = argument.load(main.console());
        Vocabulary vocabulary = saved.requireVocabulary();
        prime = unknown.skips() ? known(vocabulary) : prime;
        SamplingOptions options = SamplingOptions.DEFAULT.temperature(temperature).seed(seed)
                .maxLength(maxLength == null ? defaultLength(saved) : maxLength).prime(prime).keepState(keepState)
                .pastEnd(pastEnd).window(window == null ? 0 : window);
        try (Device opened = device.open(main.console()); Model model = new Model(opened, saved.weights())) {
            Sampler sampler = UnknownOption.refusing(() -> new Sampler(model, vocabulary, options));
            long start = System.nanoTime();
            long symbols;
            if (json) {
                List<String> sentences = sampler.sentences(count);
                symbols = sentences.stream().mapToLong(String::length).sum();
                main.console().json(Json.pretty(Json.array(sentences)));
            } else {
                SentencePrinter printer = new SentencePrinter(main.console().out(), vocabulary, count);
                sampler.sample(count, printer);
                symbols = printer.symbols();
            }
            opened.warnings().forEach(main.console()::warn);
            if (time) {
                double seconds = 1e-9 * (System.nanoTime() - start);
                main.console().err().printf(Locale.ROOT, "%d %s in %.6f s, %.0f characters/s%n", symbols,
                        Counted.unit(symbols == 1, "characters"),
                        seconds, symbols / seconds);
            }
        }
        return 0;
    }

    /** What of the beginning the model has; says what is left out. */
    private String known(Vocabulary vocabulary) {
        String known = vocabulary.known(prime);
        int total = prime.codePointCount(0, prime.length());
        int skipped = total - known.codePointCount(0, known.length());
        if (skipped > 0) {
            main.console().say("charlstm: of --prime " + UnknownOption.said(new UnknownCharacters(skipped, total)));
        }
        return known;
    }

    private int defaultLength(SavedModel saved) {
        return saved.requireVocabulary().hasMarkers() ? saved.steps()
                : prime.codePointCount(0, prime.length()) + RUNNING;
    }
}
