package org.charlstm.cli;

import com.google.gson.JsonObject;
import module java.base;
import org.charlstm.base.Json;
import org.charlstm.base.Quantity;
import org.charlstm.cli.console.Printable;
import org.charlstm.cli.model.CorpusSummary;
import org.charlstm.cli.model.VerifyCommand;
import org.charlstm.cli.options.Converters;
import org.charlstm.cli.options.FormatOptions;
import org.charlstm.cli.options.Subcommand;
import org.charlstm.cli.options.TextOptions;
import org.charlstm.nn.Prediction;
import org.charlstm.text.Captions;
import org.charlstm.text.Corpus;
import org.charlstm.text.Vocabulary;
import org.charlstm.train.TrainingOptions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "encode", sortOptions = false,
        description = "Prints a caption, or a window of running text, back from the arrays that training sees, and the "
                + "character map.")
final class EncodeCommand extends Subcommand {
    @Parameters(arity = "1..*", paramLabel = "TEXT", description = TextOptions.CAPTIONS)
    private List<Path> text;

    @Option(names = "--caption", paramLabel = "N", defaultValue = "0", converter = Converters.FromZero.class,
            description = "Which caption or window, from 0, over those kept; of a stream in the order in which "
                    + "training takes them. Default: ${DEFAULT-VALUE}.")
    private int caption;

    @Mixin
    private FormatOptions format;

    @Option(names = "--batch-size", paramLabel = "N", defaultValue = "" + TrainingOptions.BATCH_SIZE,
            converter = Converters.FromOne.class,
            description = "With --format stream how many streams. Default: ${DEFAULT-VALUE}.")
    private int batchSize;

    @Mixin
    private TextOptions options;

    @Option(names = "--json", description = "Print a JSON object.")
    private boolean json;

    @Override
    public Integer call() {
        format.require(format.isRunning(), Prediction.ALL, null);
        options.takeSentences(format.is(FormatOptions.Format.SENTENCES));
        options.check();
        Captions captions = options.read(text, format.isRunning() ? format.cut(null) : null, options.samples(), null,
                null, console());
        VerifyCommand.requireCaption(caption, captions);
        Vocabulary vocabulary = format.isRunning() ? Vocabulary.ofRunning(captions) : Vocabulary.of(captions);
        Corpus corpus = Corpus.encode(captions, vocabulary);
        int streams = Math.min(batchSize, corpus.rows());
        int row = format.is(FormatOptions.Format.STREAM)
                ? TrainingOptions.DEFAULT.batchSize(streams).inStreams(corpus)[caption] : caption;
        int[] input = corpus.input(row);
        int[] target = corpus.target(row);
        if (json) {
            JsonObject map = new JsonObject();
            IntStream.range(0, vocabulary.size()).forEach(id -> map.addProperty(vocabulary.name(id), id));
            JsonObject object = Json.object("shape", Json.array(List.of(corpus.rows(), corpus.steps(),
                    vocabulary.size())), "caption", caption);
            if (format.is(FormatOptions.Format.STREAM)) {
                object.addProperty("streams", streams);
                object.addProperty("window", row);
            }
            object.add("input", Json.array(VerifyCommand.names(vocabulary, input)));
            object.add("target", Json.array(VerifyCommand.names(vocabulary, target)));
            object.add("map", map);
            console().json(Json.compact(object));
        } else {
            console().line("inputs and targets (%d, %d, %d), %s%s", corpus.rows(), corpus.steps(),
                    vocabulary.size(), Quantity.of(captions.characters(), "characters"), CorpusSummary.changes(corpus));
            if (format.is(FormatOptions.Format.STREAM)) {
                console().line("%s of %s each, %d left over; this is the text's window %d, in %s",
                        Quantity.of(streams, "streams"), Quantity.of(corpus.rows() / streams, "windows"),
                        corpus.rows() % streams, row, caption < corpus.rows() / streams * streams
                                ? "stream " + caption % streams : "none");
            }
            console().line("input   %s", Printable.text(vocabulary.decode(input)));
            console().line("target  %s", Printable.text(vocabulary.decode(target)));
            console().line("map     %s", IntStream.range(0, vocabulary.size())
                    .mapToObj(id -> Printable.symbol(vocabulary.name(id)) + " " + id)
                    .collect(Collectors.joining(", ")));
        }
        return 0;
    }
}
