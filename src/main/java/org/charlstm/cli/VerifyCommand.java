package org.charlstm.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.charlstm.io.Json;
import org.charlstm.io.SavedModel;
import org.charlstm.sample.Predictor;
import org.charlstm.text.Captions;
import org.charlstm.text.Corpus;
import org.charlstm.text.Vocabulary;
import org.charlstm.train.PaddingMode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code charlstm verify}. */
@Command(name = "verify", sortOptions = false,
        description = "Prints a caption, its target, and what the model predicts at each step.")
final class VerifyCommand extends DeviceCommand {
    @Mixin
    private ModelAndText arguments;

    @Option(names = "--caption", paramLabel = "N", defaultValue = "0", converter = Converters.FromZero.class,
            description = "Which caption, from 0, over those kept. Default: ${DEFAULT-VALUE}.")
    private int caption;

    @Option(names = "--json", description = "Print a JSON object.")
    private boolean json;

    @Override
    public Integer call() {
        arguments.check();
        device.check();
        SavedModel saved = arguments.load(console());
        Vocabulary vocabulary = saved.requireVocabulary();
        Corpus shown = arguments.row(saved, caption, console());
        // Padding does not count against a model that was trained without it.
        int steps = arguments.layout(saved).padding() == PaddingMode.LAB ? shown.steps() : shown.realSteps(0);
        int[] input = Arrays.copyOf(shown.input(0), steps);
        int[] target = Arrays.copyOf(shown.target(0), steps);
        int[] predicted = compute(saved, model -> Predictor.mostProbable(model, input));
        int agree = (int) IntStream.range(0, target.length).filter(t -> target[t] == predicted[t]).count();
        if (json) {
            JsonObject object = new JsonObject();
            object.addProperty("caption", caption);
            object.add("input", names(vocabulary, input));
            object.add("target", names(vocabulary, target));
            object.add("predicted", names(vocabulary, predicted));
            object.addProperty("agree", agree);
            object.addProperty("steps", target.length);
            console().json(Json.compact(object));
        } else {
            console().line("input     %s", Printable.text(vocabulary.decode(input)));
            console().line("target    %s", Printable.text(vocabulary.decode(target)));
            console().line("predicted %s", Printable.text(vocabulary.decode(predicted)));
            console().line("%d of %d steps agree (%s start, %s end)", agree, target.length,
                    Vocabulary.START_SIGN, Vocabulary.END_SIGN);
        }
        return 0;
    }

    /** Symbols by name, for scripts. */
    static JsonArray names(Vocabulary vocabulary, int[] symbols) {
        return Json.array(IntStream.of(symbols).mapToObj(vocabulary::name).toList());
    }

    /** Refuses the number of a caption that a text does not have. */
    static void requireCaption(int number, Captions captions) {
        UsageException.when(number >= captions.size(), "--caption is %s, but %s has %s; the last is %s", number,
                captions.source(), captions.size(), captions.size() - 1);
    }
}
