package org.charlstm.cli;

import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import org.charlstm.CharlstmException;
import org.charlstm.Quantity;
import org.charlstm.text.UnknownCharacterException;
import org.charlstm.text.UnknownCharacters;
import org.charlstm.text.Vocabulary;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What becomes of characters that a model lacks. */
final class UnknownOption {
    private static final String REFUSE = "refuse";
    private static final String SKIP = "skip";
    /** What it may be, the default first. */
    static final List<String> VALUES = List.of(REFUSE, SKIP);

    @Option(names = "--unknown", paramLabel = "refuse|skip", completionCandidates = Choices.OfUnknown.class,
            defaultValue = REFUSE,
            description = "What becomes of characters that the model lacks, of a text that it is "
                    + "held against or begins with, and has no symbol for: refuse, or skip, to leave them out "
                    + "and say how many. Default: ${DEFAULT-VALUE}.")
    private String unknown;

    void check() {
        UsageException.requireOneOf("--unknown", unknown, VALUES);
    }

    boolean skips() {
        return unknown.equals(SKIP);
    }

    /** What of a text is to stay: the vocabulary, or null for all. */
    @Nullable
    Vocabulary kept(Vocabulary vocabulary) {
        return skips() ? vocabulary : null;
    }

    static String said(UnknownCharacters unknown) {
        return String.format(Locale.ROOT, "%,d of %s left out, which the model lacks", unknown.skipped(),
                Quantity.of(unknown.total(), "characters"));
    }

    /** What takes a text; where a character refuses it, the message names this option. */
    static <T> T refusing(Supplier<T> taking) {
        try {
            return taking.get();
        } catch (UnknownCharacterException e) {
            throw new CharlstmException(e.getMessage() + "; --unknown skip leaves such characters out", e);
        }
    }
}
