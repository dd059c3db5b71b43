package org.charlstm.cli.model;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import module java.base;
import org.charlstm.base.Json;
import org.charlstm.cli.console.Printable;
import org.charlstm.cli.options.ConditionOption;
import org.charlstm.cli.options.Converters;
import org.charlstm.cli.options.DeviceCommand;
import org.charlstm.cli.options.ModelArgument;
import org.charlstm.io.SavedModel;
import org.charlstm.sample.Predictor;
import org.charlstm.text.Vocabulary;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "top", sortOptions = false,
        description = "Prints the most probable next characters after a prefix.")
public final class TopCommand extends DeviceCommand {
    @Mixin
    private ModelArgument argument;

    @Option(names = "-k", paramLabel = "N", defaultValue = "10", converter = Converters.FromOne.class,
            description = "How many. Default: ${DEFAULT-VALUE}.")
    private int k;

    @Option(names = "--prefix", paramLabel = "TEXT", defaultValue = "",
            parameterConsumer = Converters.LiteralText.class,
            description = "The characters before. Default: none, the first character of a sentence.")
    private String prefix;

    @Mixin
    private ConditionOption condition;

    @Option(names = "--json", description = "Print a JSON array of {\"char\", \"probability\"}.")
    private boolean json;

    @Override
    public Integer call() {
        device.check();
        SavedModel saved = argument.load(console());
        Vocabulary vocabulary = saved.requireVocabulary();
        double[] probabilities = compute(saved, model -> Predictor.next(model, vocabulary, prefix, saved.window(),
                condition.one(saved.config(), argument.path())));
        List<Integer> best = IntStream.range(0, probabilities.length).boxed()
                .sorted(Comparator.comparingDouble(symbol -> -probabilities[symbol])).limit(k).toList();
        if (json) {
            JsonArray array = new JsonArray();
            for (int symbol : best) {
                JsonObject entry = new JsonObject();
                entry.addProperty("char", vocabulary.name(symbol));
                entry.addProperty("probability", probabilities[symbol]);
                array.add(entry);
            }
            console().json(Json.pretty(array));
        } else {
            for (int symbol : best) {
                console().line("%.6f  %s", probabilities[symbol], Printable.symbol(vocabulary.name(symbol)));
            }
        }
        return 0;
    }
}
