package org.charlstm.cli;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.base.Quantity;
import org.charlstm.base.RegularFile;
import org.charlstm.base.Setting;
import org.charlstm.cli.console.Printable;
import org.charlstm.cli.console.ReadingDisplay;
import org.charlstm.cli.console.UsageException;
import org.charlstm.cli.model.ModelSummary;
import org.charlstm.cli.options.Converters;
import org.charlstm.cli.options.Subcommand;
import org.charlstm.cli.options.TextOptions;
import org.charlstm.device.RecurrentActivation;
import org.charlstm.device.RecurrentCell;
import org.charlstm.io.ModelFile;
import org.charlstm.io.SavedModel;
import org.charlstm.keras.Alphabet;
import org.charlstm.keras.KerasFile;
import org.charlstm.keras.KerasImport;
import org.charlstm.keras.KerasModel;
import org.charlstm.nn.ModelConfig;
import org.charlstm.text.Captions;
import org.charlstm.text.Preprocessing;
import org.charlstm.text.ReadingProgress;
import org.charlstm.text.RunningText;
import org.charlstm.text.TextInput;
import org.charlstm.text.Vocabulary;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "import", sortOptions = false,
        description = "Makes a model file of one that Keras 1, 2 or 3 wrote: a whole model or weights alone, as HDF5, "
                + ".weights.h5 or .keras; or of a state_dict of PyTorch, as safetensors or of torch.save. Each "
                + "assumption about what the file leaves out is printed.")
final class ImportCommand extends Subcommand {
    /** The time steps of a model whose file names none, or names 1, as a file written for sampling does. */
    private static final int USUAL_STEPS = 100;
    /** UTF-8's byte order mark, decoded as ISO-8859-1. */
    private static final String MARK = "\u00EF\u00BB\u00BF";
    private static final int MAX_STEPS = Captions.MAX_LENGTH + 1;

    @Parameters(paramLabel = "FILE", description = "A file that Keras or PyTorch wrote.")
    private Path file;

    @Option(names = "--alphabet", paramLabel = "TEXT", parameterConsumer = Converters.LiteralText.class,
            description = "The characters of the model's columns, in order. Start and end, if it has them, are the "
                    + "last two columns and not named.")
    private @Nullable String alphabet;

    @Option(names = "--text", paramLabel = "FILE", description = "The text that the model learned, instead. A model of "
            + "running text then keeps how often it has each character, to begin with.")
    private @Nullable Path text;

    @Option(names = "--encoding", paramLabel = "NAME", description = TextOptions.ENCODING)
    private @Nullable String encoding;

    @Option(names = "--lower-case", description = "Take the text in lower case, as Keras' example does. The model "
            + "keeps this, and takes later texts in the same way.")
    private boolean lowerCase;

    @Option(names = "--order", paramLabel = "ORDER", description = "The order of the text's characters: code-point, as "
            + "Keras' example sorts them, or appearance, as in the lab. Default: code-point.")
    private Alphabet.@Nullable Order order;

    @Option(names = "--recurrent-activation", paramLabel = "ACTIVATION", description = "The activation of the gates of "
            + "LSTM and GRU layers, where the file does not say it: sigmoid or hard_sigmoid. Default: that of the "
            + "Keras that wrote it.")
    private @Nullable RecurrentActivation recurrentActivation;

    @Option(names = "--cell", paramLabel = "CELL", description = "The cell of the recurrent layers, where the file "
            + "does not say whether an Elman cell has tanh or ReLU: rnn or rnn-relu. Any file tells lstm and gru. "
            + "Default: rnn, of Elman cells.")
    private RecurrentCell.@Nullable Named cell;

    @Option(names = "--steps", paramLabel = "N", description = "Time steps of the texts that the model is for. "
            + "Default: the file's, or " + USUAL_STEPS + ".")
    private @Nullable Integer steps;

    @Option(names = {"-o", "--output"}, paramLabel = "FILE", required = true, description = "The model file to write.")
    private Path output;

    @Override
    public Integer call() {
        check();
        Path place = RegularFile.target(output);
        KerasModel model = KerasFile.read(file);
        KerasImport imported = KerasImport.of(model, Optional.ofNullable(recurrentActivation),
                Optional.ofNullable(cell));
        ModelConfig config = imported.weights().config();
        Vocabulary vocabulary = vocabulary(config.symbols());
        OptionalInt said = model.steps().stream().filter(each -> each > 1 && each <= MAX_STEPS).findFirst();
        int taken = steps != null ? steps : said.orElse(USUAL_STEPS);
        ModelFile.save(place, new SavedModel(config, taken, vocabulary, imported.weights()), List.of(),
                Map.of(ModelFile.IMPORTED, model.generation()));
        ModelSummary.lines(config, taken).forEach(console()::line);
        console().line("written by            %s", Printable.text(model.generation()));
        ModelSummary.cells(config).forEach((option, value) -> console().line("%-21s %s", option, value));
        console().line("symbols               %s, %s start and end",
                Quantity.of(vocabulary.characters().codePointCount(0, vocabulary.characters().length()), "characters"),
                vocabulary.hasMarkers() ? "then" : "no");
        imported.assumptions().forEach(assumption -> console().line("assumed: %s", Printable.text(assumption)));
        if (steps == null && said.isEmpty()) {
            console().line("assumed: %d time steps: the file does not say them", taken);
        }
        console().line("saved as %s", output);
        return 0;
    }

    private void check() {
        UsageException.when(alphabet != null && text != null, "--alphabet and --text are both given; leave one out");
        TextOptions.charset(encoding);
        UsageException.when(encoding != null && text == null, "--encoding is for --text; leave it out");
        UsageException.when(order != null && text == null, "--order is for --text; leave it out");
        UsageException.when(steps != null && (steps < 1 || steps > MAX_STEPS), "--steps is %s; it must be from 1 to %s",
                steps, MAX_STEPS);
    }

    /** The vocabulary of a text. If the text fits only with its byte order mark, the failure says so. */
    private Vocabulary ofText(Path file, String learned, int symbols, Preprocessing how) {
        try {
            return Alphabet.ofText(file.toString(), learned,
                    order == null ? Alphabet.Order.CODE_POINT : order, symbols);
        } catch (CharlstmException e) {
            RunningText other = RunningText.read(new TextInput(List.of(file), StandardCharsets.ISO_8859_1, how),
                    Long.MAX_VALUE, ReadingProgress.NONE);
            if (!other.characters().startsWith(MARK)) {
                throw e;
            }
            String why = e.getMessage() + "; it begins with a byte order mark, which is left out";
            if (Alphabet.fits(other.characters(), symbols)) {
                throw new CharlstmException(why + ": it fits as ISO-8859-1, in which the mark is three characters", e)
                        .mendedBy(Setting.ENCODING);
            }
            throw Alphabet.fits("\uFEFF" + learned, symbols) ? new CharlstmException(why
                    + ": it fits with the mark as a character, U+FEFF; give the characters in their order, with it", e)
                    : e;
        }
    }

    private Vocabulary vocabulary(int symbols) {
        Preprocessing how = Preprocessing.NONE.lowerCase(lowerCase);
        if (text != null) {
            RunningText learned;
            try (ReadingDisplay display = new ReadingDisplay(console(), List.of(text), ReadingDisplay.MOMENT_NANOS)) {
                learned = RunningText.read(new TextInput(List.of(text), TextOptions.charset(encoding), how),
                        Long.MAX_VALUE, display);
            }
            Vocabulary vocabulary = ofText(text, learned.characters(), symbols, how).preprocessed(how);
            return vocabulary.hasMarkers() ? vocabulary : learned.counted(vocabulary);
        }
        if (alphabet == null) {
            throw new UsageException(file + " does not say which characters it is of; " + Alphabet.wanted(symbols)
                    + ", with --alphabet, or with --text the text that it learned");
        }
        try {
            return Alphabet.of(alphabet, symbols).preprocessed(how);
        } catch (CharlstmException e) {
            throw new UsageException("--alphabet: " + e.getMessage());
        }
    }
}
