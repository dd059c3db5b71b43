package org.charlstm.cli.model;

import com.google.gson.JsonObject;
import org.charlstm.CharlstmException;
import org.charlstm.base.Json;
import org.charlstm.base.Quantity;
import org.charlstm.cli.options.ConditionOption;
import org.charlstm.cli.options.Converters;
import org.charlstm.cli.options.DeviceCommand;
import org.charlstm.cli.options.ModelAndText;
import org.charlstm.cli.options.UnknownOption;
import org.charlstm.cli.options.ValidationOptions;
import org.charlstm.io.SavedModel;
import org.charlstm.nn.Prediction;
import org.charlstm.run.folder.TextLayout;
import org.charlstm.text.Corpus;
import org.charlstm.text.Features;
import org.charlstm.text.UnknownCharacters;
import org.charlstm.train.Evaluation;
import org.charlstm.train.PaddingMode;
import org.charlstm.train.TrainingOptions;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "eval", sortOptions = false,
        description = {
            "Prints loss, bits per character and accuracy of a model on a text. Bits per character are how many bits "
                    + "the model needs on average to tell the next character, 0 where it is sure of the right one.",
            "As in training, loss and accuracy are means over every time step that counts there, padding included or "
                    + "left out; captions are padded to the model's time steps, or to the longest caption if that is "
                    + "longer. Real loss and bits are means over the characters and one end symbol a caption.",
            "Of the text that a run was validated on, or of the run's own text with its --validation-split, it is the "
                    + "run's validation loss."})
public final class EvalCommand extends DeviceCommand {
    @Mixin
    private ModelAndText arguments;
    @Mixin
    private UnknownOption unknown;
    @Mixin
    private ConditionOption condition;

    @Option(names = "--batch-size", paramLabel = "N", converter = Converters.FromOne.class,
            description = "Captions or windows computed side by side, and "
                    + "streams at most. Default: as in the model's training.")
    private @Nullable Integer batchSize;

    @Mixin
    private ValidationOptions.Split split;

    @Option(names = "--last-step", description = "Count the last step of each row alone: what follows T characters, as "
            + "Keras evaluates a model without return_sequences. Of a model that predicts the last step alone, always.")
    private boolean lastStep;

    @Option(names = "--json", description = "Print a JSON object.")
    private boolean json;

    @Override
    public Integer call() {
        arguments.check();
        split.check();
        device.check();
        SavedModel saved = arguments.model().load(console());
        Features features = condition.read(saved.config(), arguments.model().path());
        TextLayout layout = arguments.layout(saved);
        Corpus whole = ConditionOption.with(arguments.corpus(saved, unknown, console()), features);
        Corpus corpus = split.heldBack(whole.captions(), whole);
        TrainingOptions options = batchSize == null ? layout.options() : layout.options().batchSize(batchSize);
        boolean last = lastStep || saved.config().prediction() == Prediction.LAST;
        Evaluation evaluation = compute(saved, model -> lastStep
                ? Evaluation.ofLastSteps(model, corpus, options.batchSize())
                : Evaluation.of(model, corpus, options, 1, () -> true).orElseThrow());
        boolean padded = saved.requireVocabulary().hasMarkers() && layout.padding() == PaddingMode.LAB;
        if (!Double.isFinite(evaluation.loss())) {
            throw new CharlstmException(arguments.model().path() + " gives a loss of " + evaluation.loss()
                    + "; its training diverged, or the file is broken");
        }
        if (json) {
            JsonObject object = new JsonObject();
            object.addProperty("loss", evaluation.loss());
            object.addProperty("real_loss", evaluation.realLoss());
            object.addProperty("bits_per_character", evaluation.bits());
            object.addProperty("accuracy", evaluation.accuracy());
            object.addProperty("captions", corpus.rows());
            object.addProperty("steps", corpus.steps());
            UnknownCharacters left = corpus.captions().unknown();
            if (left != null) {
                object.addProperty("unknown", left.skipped());
                object.addProperty("characters", left.total());
            }
            UnknownCharacters outside = corpus.captions().outside();
            if (outside != null) {
                object.addProperty("outside_alphabet", outside.skipped());
            }
            if (corpus.vocabulary().preprocessing().minCount() > 0) {
                object.addProperty("replaced", corpus.replaced());
            }
            console().json(Json.compact(object));
        } else {
            console().line("loss                %.6f", evaluation.loss());
            if (padded) {
                console().line("real loss           %.6f", evaluation.realLoss());
            }
            console().line("bits per character  %.6f", evaluation.bits());
            console().line("accuracy            %.6f", evaluation.accuracy());
            console().line("over %s of %s%s%s%s", Quantity.of(corpus.rows(),
                    saved.requireVocabulary().hasMarkers() ? "captions" : "windows"),
                    Quantity.of(corpus.steps(), "steps"), last ? ", the last of each alone" : "",
                    layout.streams() && !lastStep ? ", each from the state that the one before left"
                            : layout.padding() == PaddingMode.LAB ? "" : ", padding left out as in training",
                    CorpusSummary.changes(corpus));
        }
        return 0;
    }
}
