package org.charlstm.cli.options;

import java.util.List;
import org.charlstm.CharlstmException;
import org.charlstm.cli.console.Console;
import org.charlstm.cli.console.TextLines;
import org.charlstm.cli.console.UsageException;
import org.charlstm.device.Draw;
import org.charlstm.sample.Beginnings;
import org.charlstm.text.UnknownCharacters;
import org.charlstm.text.Vocabulary;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Options for drawing symbols, and for the beginnings of sentences. */
public final class SentenceOptions {
    @Option(names = "--temperature", paramLabel = "LIST", split = " *, *", hideParamSyntax = true,
            description = "Divides the logits; 0 takes the most probable "
                    + "symbol. Several, as in 0.5,1,1.5, write as many sentences at each. Default: 1.")
    private @Nullable List<Double> temperatures;

    @Option(names = "--top-k", paramLabel = "N",
            description = "Draw from the N most probable symbols alone. Default: all.")
    private @Nullable Integer topK;

    @Option(names = "--top-p", paramLabel = "P", description = "Draw from the fewest most probable symbols alone that "
            + "together have this share of the probability, after --top-k. Default: all.")
    private @Nullable Double topP;

    @Option(names = "--prime", paramLabel = "TEXT", parameterConsumer = Converters.LiteralText.class,
            description = "How every sentence begins. Default: nothing; running text then begins with a "
                    + "character drawn by how often its text has it.")
    private @Nullable String prime;

    @Option(names = "--prime-file", paramLabel = "FILE", description = "Begin with each line of a file, of standard "
            + "input by the name of -, and write a sentence each, or --count.")
    private @Nullable String primeFile;

    @Mixin
    private UnknownOption unknown;

    /** One draw per temperature. */
    public List<Draw> draws() {
        int k = topK == null ? Draw.ALL : topK;
        double p = topP == null ? 1 : topP;
        UsageException.checked("--top-k", () -> new Draw(1, k, 1));
        UsageException.checked("--top-p", () -> new Draw(1, k, p));
        List<Double> asked = temperatures == null ? List.of(1.0) : temperatures;
        UsageException.requireDistinct("--temperature", asked);
        return asked.stream().map(each -> UsageException.checked("--temperature", () -> new Draw(each, k, p)))
                .toList();
    }

    /** Whether the beginnings are the lines of a file. */
    public boolean comeFromFile() {
        return primeFile != null;
    }

    public void check() {
        UsageException.when(prime != null && primeFile != null,
                "--prime and --prime-file are both given; leave one out");
    }

    /** The beginnings of {@code count} sentences, per line if from a file. Prints which characters are left out. */
    public Beginnings beginnings(int count, Vocabulary vocabulary, Console console) {
        List<String> texts = List.of(prime == null ? "" : prime);
        String source = null;
        if (primeFile != null) {
            try (TextLines lines = new TextLines(primeFile, console)) {
                texts = lines.all();
                source = lines.source();
            }
            if (texts.isEmpty()) {
                throw new CharlstmException(source + " is empty; it needs a line for each beginning");
            }
        }
        if (unknown.skips()) {
            UnknownCharacters left = texts.stream().map(vocabulary::unknown).reduce(UnknownCharacters.NONE,
                    UnknownCharacters::and);
            if (left.skipped() > 0) {
                console.say("charlstm: of " + (primeFile == null ? "--prime " : source + " ")
                        + UnknownOption.leftOut(left));
            }
            texts = texts.stream().map(vocabulary::known).toList();
        }
        return new Beginnings(texts, count, source);
    }
}
