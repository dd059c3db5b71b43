package org.charlstm.cli;

import java.util.List;
import org.charlstm.CharlstmException;
import org.charlstm.sample.Beginnings;
import org.charlstm.text.UnknownCharacters;
import org.charlstm.text.Vocabulary;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How sentences begin. */
final class PrimeOptions {
    @Option(names = "--prime", paramLabel = "TEXT", parameterConsumer = AnyText.class,
            description = "How every sentence begins. Default: nothing; running text then begins with a "
                    + "character drawn by how often its text has it.")
    private @Nullable String prime;

    @Option(names = "--prime-file", paramLabel = "FILE", description = "Begin with each line of a file, of standard "
            + "input by the name of -, and write a sentence each, or --count.")
    private @Nullable String file;

    @Mixin
    private UnknownOption unknown;

    void check() {
        if (prime != null && file != null) {
            throw new UsageException("--prime and --prime-file are both given; leave one out");
        }
        unknown.check();
    }

    boolean isFile() {
        return file != null;
    }

    /** How so many sentences begin, or so many of each line; says what is left out. */
    Beginnings beginnings(int count, Vocabulary vocabulary, Console console) {
        List<String> texts = List.of(prime == null ? "" : prime);
        String source = null;
        if (file != null) {
            try (TextLines lines = new TextLines(file, console)) {
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
                console.say("charlstm: of " + (file == null ? "--prime " : source + " ")
                        + UnknownOption.said(left));
            }
            texts = texts.stream().map(vocabulary::known).toList();
        }
        return new Beginnings(texts, count, source);
    }
}
