package org.charlstm.cli.model;

import module java.base;
import org.charlstm.base.Json;
import org.charlstm.cli.console.Printable;
import org.charlstm.cli.console.UsageException;
import org.charlstm.cli.options.Converters;
import org.charlstm.cli.options.DeviceCommand;
import org.charlstm.cli.options.ModelAndText;
import org.charlstm.io.SavedModel;
import org.charlstm.sample.Predictor;
import org.charlstm.text.Captions;
import org.charlstm.text.Corpus;
import org.charlstm.text.Vocabulary;
import org.charlstm.train.PaddingMode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "verify", sortOptions = false,
        description = "Prints a caption, its target, and what the model predicts at each step.")
public final class VerifyCommand extends DeviceCommand {
    @Mixin
    private ModelAndText arguments;

    @Option(names = "--caption", paramLabel = "N", defaultValue = "0", converter = Converters.FromZero.class,
            description = "Which caption, from 0, over those kept. Default: ${DEFAULT-VALUE}.")
    private int caption;

    @Option(names = "--json", description = "Print a JSON object.")
    private boolean json;

    private record Verified(int caption, List<String> input, List<String> target, List<String> predicted, int agree,
            int steps) {
    }

    @Override
    public Integer call() {
        arguments.check();
        device.check();
        SavedModel saved = arguments.model().load(console());
        Vocabulary vocabulary = saved.requireVocabulary();
        Captions all = arguments.all(saved, console());
        requireCaption(caption, all);
        // Only this caption must fit the model.
        Corpus shown = Corpus.encode(all.only(caption), vocabulary, saved.steps());
        // Padding does not count against a model that was trained without padding.
        int steps = arguments.layout(saved).padding() == PaddingMode.LAB ? shown.steps() : shown.realSteps(0);
        int[] input = Arrays.copyOf(shown.input(0), steps);
        int[] target = Arrays.copyOf(shown.target(0), steps);
        int[] predicted = compute(saved, model -> Predictor.mostProbable(model, input));
        int agree = (int) IntStream.range(0, target.length).filter(t -> target[t] == predicted[t]).count();
        if (json) {
            console().json(Json.compact(Json.of(new Verified(caption, names(vocabulary, input),
                    names(vocabulary, target), names(vocabulary, predicted), agree, target.length))));
        } else {
            console().line("input     %s", Printable.text(vocabulary.decode(input)));
            console().line("target    %s", Printable.text(vocabulary.decode(target)));
            console().line("predicted %s", Printable.text(vocabulary.decode(predicted)));
            console().line("%d of %d steps agree (%s start, %s end)", agree, target.length,
                    Vocabulary.START_SIGN, Vocabulary.END_SIGN);
        }
        return 0;
    }

    /** The names of symbols, for scripts. */
    public static List<String> names(Vocabulary vocabulary, int[] symbols) {
        return IntStream.of(symbols).mapToObj(vocabulary::name).toList();
    }

    /** Refuses a caption number that a text does not have. */
    public static void requireCaption(int number, Captions captions) {
        UsageException.when(number >= captions.size(), "--caption is %s, but %s has %s; the last is %s", number,
                captions.source(), captions.size(), captions.size() - 1);
    }
}
