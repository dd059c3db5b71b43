package org.charlstm.cli.options;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.base.Quantity;
import org.charlstm.cli.options.TrainOption.Resumed;
import org.charlstm.cli.options.TrainOption.Section;
import org.charlstm.text.UnknownCharacters;
import org.charlstm.text.Vocabulary;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Whether characters that a model lacks are refused or left out. */
public final class UnknownOption {
    @Option(names = "--unknown", paramLabel = "refuse|skip", defaultValue = "refuse",
            description = "Characters of a text that the model has no symbol for: refuse the text, or skip "
                    + "them and say how many. Default: ${DEFAULT-VALUE}.")
    @TrainOption(section = Section.TEXT, place = 8, resumed = Resumed.SAME)
    private Unknown unknown;

    private enum Unknown {
        REFUSE, SKIP;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public boolean skips() {
        return unknown == Unknown.SKIP;
    }

    /** The vocabulary whose characters alone stay in a text; null for all characters. */
    @Nullable
    Vocabulary kept(Vocabulary vocabulary) {
        return skips() ? vocabulary : null;
    }

    public static String leftOut(UnknownCharacters unknown) {
        return String.format(Locale.ROOT, "%,d of %s left out, which the model lacks", unknown.skipped(),
                Quantity.of(unknown.total(), "characters"));
    }

    /** Encodes a text; if a character is unknown, the message names this option. */
    public static <T> T refusing(Supplier<T> encoding) {
        try {
            return encoding.get();
        } catch (Vocabulary.UnknownCharacterException e) {
            throw new CharlstmException(e.getMessage() + "; --unknown skip leaves such characters out", e);
        }
    }
}
