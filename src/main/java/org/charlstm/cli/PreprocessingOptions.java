package org.charlstm.cli;

import java.nio.file.Path;
import java.text.Normalizer;
import java.util.List;
import java.util.Locale;
import org.charlstm.text.Preprocessing;
import org.charlstm.text.ReadingProgress;
import org.charlstm.text.RunningText;
import org.charlstm.text.TextInput;
import org.charlstm.text.Vocabulary;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What is made of a text's characters. */
final class PreprocessingOptions {
    /** What {@code --normalize} may be. */
    static final List<String> FORMS = List.of("nfc", "nfkc");
    /** How the name of an alphabet's file begins. */
    private static final String FILE = "@";
    /** As many characters as Unicode has room for are no alphabet's file any more. */
    private static final int MOST = Character.MAX_CODE_POINT + 1;

    @Option(names = "--lower-case",
            description = "Put the text in lower case. A model keeps this and the three options "
                    + "below, and takes later texts in the same way.")
    private boolean lowerCase;

    @Option(names = "--normalize", paramLabel = "nfc|nfkc", completionCandidates = Choices.OfNormalize.class,
            description = "Put the text in a normal form of Unicode: nfc composes letters and accents, nfkc also takes "
                    + "ligatures, wide letters and the like apart. Default: neither.")
    private @Nullable String normalize;

    @Option(names = "--alphabet", paramLabel = "TEXT|@FILE", parameterConsumer = AnyText.class,
            description = "Leave out all but these characters, of a file those in it but its last line end, and say "
                    + "how many. Default: all stay.")
    private @Nullable String alphabet;

    @Option(names = "--min-count", paramLabel = "N",
            description = "Characters that the text has less than N times become one symbol, U+FFFD, as does later "
                    + "what the model does not know. Default: each has its own.")
    private @Nullable Integer minCount;

    private boolean models;

    void check() {
        UsageException.requireAtLeast("--min-count", minCount, 1);
        UsageException.requireOneOf("--normalize", normalize, FORMS);
        if (alphabet != null && alphabet.isEmpty()) {
            throw new UsageException("--alphabet is empty; name the characters that stay");
        }
    }

    /** Takes a model's own way, whatever is asked for. */
    void takeModels() {
        models = true;
    }

    /** What is asked for, or how a model's texts are taken; what is asked for must not be otherwise. */
    Preprocessing of(@Nullable Vocabulary model) {
        Preprocessing kept = model == null ? null : model.preprocessing();
        if (kept != null && models) {
            return kept;
        }
        Preprocessing asked = Preprocessing.NONE.lowerCase(lowerCase).alphabet(characters())
                .minCount(minCount == null ? 0 : minCount)
                .form(normalize == null ? null : Normalizer.Form.valueOf(normalize.toUpperCase(Locale.ROOT)));
        if (kept == null) {
            return asked;
        }
        refuse("--min-count", minCount != null && asked.minCount() != kept.minCount());
        if (kept.equals(Preprocessing.NONE)) {
            return asked;
        }
        refuse("--lower-case", lowerCase && !kept.lowerCase());
        refuse("--normalize", normalize != null && asked.form() != kept.form());
        refuse("--alphabet", alphabet != null && !String.valueOf(asked.alphabet()).equals(kept.alphabet()));
        return kept;
    }

    private static void refuse(String option, boolean differs) {
        if (differs) {
            throw new UsageException(
                    option + " is not as the model's own text was taken, which it keeps for later ones; "
                            + "leave it out");
        }
    }

    /** Each once, in the order in which they are named. */
    private @Nullable String characters() {
        if (alphabet == null) {
            return null;
        }
        StringBuilder once = new StringBuilder();
        (alphabet.equals(FILE) || !alphabet.startsWith(FILE) ? alphabet : content(Path.of(alphabet.substring(1))))
                .codePoints().distinct().forEach(once::appendCodePoint);
        return once.toString();
    }

    private static String content(Path file) {
        RunningText read = RunningText.read(TextInput.of(file), MOST, ReadingProgress.NONE);
        String text = read.windows((int) read.length(), 1, 1).texts().getFirst();
        return text.length() > 1 && text.endsWith("\n") ? text.substring(0, text.length() - 1) : text;
    }
}
