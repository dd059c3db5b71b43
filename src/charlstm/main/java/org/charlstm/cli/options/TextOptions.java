package org.charlstm.cli.options;

import module java.base;
import org.charlstm.cli.console.Console;
import org.charlstm.cli.console.ReadingDisplay;
import org.charlstm.cli.console.UsageException;
import org.charlstm.cli.options.TrainOption.Resumed;
import org.charlstm.cli.options.TrainOption.Section;
import org.charlstm.text.CaptionFile;
import org.charlstm.text.CaptionLimit;
import org.charlstm.text.Captions;
import org.charlstm.text.Preprocessing;
import org.charlstm.text.ReadingProgress;
import org.charlstm.text.RunningText;
import org.charlstm.text.TextInput;
import org.charlstm.text.Vocabulary;
import org.charlstm.text.generated.GeneratedCaptions;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options for decoding and preprocessing a text, and for how much of the text is taken; also reads the text. */
public final class TextOptions {
    /** The description of arguments that name texts. */
    public static final String CAPTIONS =
            "Captions, one a line: files, packed by gzip or not, COCO's JSON, folders of them, or "
                    + "- for standard input.";

    public static final String ENCODING =
            "The encoding of the text, by a name that Java knows. A byte order mark in the text "
                    + "goes before it, but that of UTF-8 is three characters in one of single bytes. Default: UTF-8.";

    /** The prefix of an alphabet's value that names a file. */
    private static final String FILE = "@";
    /** The limit on an alphabet file's characters, as many as Unicode has. */
    private static final int MOST = Character.MAX_CODE_POINT + 1;

    @Option(names = "--max-samples", paramLabel = "N", converter = Converters.FromOne.class,
            description = "Take the first N captions. Default: all.")
    @TrainOption(section = Section.TEXT, place = 3, resumed = Resumed.SAME)
    private @Nullable Integer maxSamples;

    @Option(names = "--max-caption", paramLabel = "N[:cut]",
            description = "Leave out captions of more than N characters, or cut them there with N:cut. All are padded "
                    + "to the longest. Default: none; more than " + Captions.MAX_LENGTH + " are refused.")
    @TrainOption(section = Section.TEXT, place = 3, resumed = Resumed.SAME)
    private @Nullable String maxCaption;

    @Option(names = "--encoding", paramLabel = "NAME", description = ENCODING)
    @TrainOption(section = Section.TEXT, place = 1, resumed = Resumed.FREE)
    private @Nullable String encoding;

    @Option(names = "--lower-case", description = "Put the text in lower case. A model keeps this and the three "
            + "options below, and takes later texts in the same way.")
    @TrainOption(section = Section.TEXT, place = 5, resumed = Resumed.SAME)
    private boolean lowerCase;

    @Option(names = "--normalize", paramLabel = "nfc|nfkc",
            description = "Put the text in a normal form of Unicode: nfc composes letters and accents, nfkc also takes "
                    + "ligatures, wide letters and the like apart. Default: neither.")
    @TrainOption(section = Section.TEXT, place = 5, resumed = Resumed.SAME)
    private @Nullable Form normalize;

    @Option(names = "--alphabet", paramLabel = "TEXT|@FILE", parameterConsumer = Converters.LiteralText.class,
            description = "Keep these characters alone, or those of a file but its last line end, and say "
                    + "how many others are left out. Default: all stay.")
    @TrainOption(section = Section.TEXT, place = 5, resumed = Resumed.SAME)
    private @Nullable String alphabet;

    @Option(names = "--min-count", paramLabel = "N", converter = Converters.FromOne.class,
            description = "Characters that the text has less than N times become one symbol, U+FFFD, and so"
                    + " do unknown characters of later texts. Default: each has its own.")
    @TrainOption(section = Section.TEXT, place = 5, resumed = Resumed.SAME)
    private @Nullable Integer minCount;

    private boolean sentences;
    private boolean asTheModel;

    private enum Form {
        NFC, NFKC;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** The cut of running text into windows of T + 1 characters, and the distance between their starts. */
    record Cut(int length, int stride) {
    }

    public void check() {
        charset(encoding);
        limit();
        UsageException.when(alphabet != null && alphabet.isEmpty(),
                "--alphabet is empty; name the characters that stay");
    }

    /** Sets whether captions are the sentences of running text. */
    public void takeSentences(boolean asked) {
        sentences = asked;
    }

    /** Sets whether to preprocess as the model does and ignore the options, as a resumed run must. */
    public void takeAsTheModel(boolean asked) {
        asTheModel = asked;
    }

    public @Nullable String encoding() {
        return encoding;
    }

    /** How many captions to take; {@code usual} without the option. */
    public int samplesOr(int usual) {
        return maxSamples == null ? usual : maxSamples;
    }

    /** How many captions to take of a named text. */
    public int samples() {
        return samplesOr(Integer.MAX_VALUE);
    }

    @Nullable
    public CaptionLimit limit() {
        try {
            return maxCaption == null ? null : CaptionLimit.parse(maxCaption);
        } catch (IllegalArgumentException e) {
            throw new UsageException("--max-caption is '" + maxCaption + "'; it must be a number from 1 to "
                    + Captions.MAX_LENGTH + ", with :cut behind it or without");
        }
    }

    public static @Nullable Charset charset(@Nullable String encoding) {
        try {
            return encoding == null ? null : Charset.forName(encoding);
        } catch (IllegalArgumentException e) {
            throw new UsageException("--encoding is '" + encoding + "', which Java knows no encoding by; there are "
                    + "UTF-8, UTF-16, windows-1252, ISO-8859-1 and others, many by the names that iconv has");
        }
    }

    public void requireNoEncoding() {
        UsageException.when(encoding != null,
                "--encoding is %s, but no text is named; the built-in captions are in no file, so leave it out",
                encoding);
    }

    /** The requested preprocessing, or a model's. Refuses a request that differs from the model's preprocessing. */
    public Preprocessing preprocessing(@Nullable Vocabulary model) {
        Preprocessing kept = model == null ? null : model.preprocessing();
        if (kept != null && asTheModel) {
            return kept;
        }
        Preprocessing asked = Preprocessing.NONE.lowerCase(lowerCase).alphabet(alphabetCharacters())
                .minCount(minCount == null ? 0 : minCount)
                .form(normalize == null ? null : Normalizer.Form.valueOf(normalize.name()));
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
        UsageException.when(differs,
                "%s is not as the model's own text was taken, which it keeps for later ones; leave it out", option);
    }

    /** The characters of the alphabet, each once, in the order given. */
    private @Nullable String alphabetCharacters() {
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

    /**
     * Reads captions of a text, or windows of running text.
     *
     * @param cut   how running text is cut; null for captions
     * @param max   the greatest number of captions or windows
     * @param model the vocabulary of a model whose preprocessing is applied, or null
     * @param known the vocabulary whose characters alone stay, or null for all characters
     */
    public Captions read(List<Path> text, @Nullable Cut cut, int max, @Nullable Vocabulary model,
            @Nullable Vocabulary known,
            Console console) {
        UsageException.when(cut != null && maxCaption != null,
                "--max-caption is %s, but running text has no captions; leave it out", maxCaption);
        UsageException.when(Collections.frequency(text, TextInput.STANDARD_INPUT) > 1,
                "- is named twice; standard input is read once");
        Preprocessing how = preprocessing(model);
        // Sentences are preprocessed after the text is split.
        TextInput input = cut == null && sentences ? new TextInput(text, charset(encoding))
                : new TextInput(text, charset(encoding), how);
        try (ReadingDisplay display = new ReadingDisplay(console, text, ReadingDisplay.MOMENT_NANOS)) {
            if (cut == null) {
                Captions captions = sentences
                        ? RunningText.read(input, Long.MAX_VALUE, display).sentences(max, limit(), how)
                        : CaptionFile.read(input, max, limit(), display);
                return known == null ? captions : captions.known(known);
            }
            RunningText running = RunningText.read(input,
                    known == null ? (max - 1L) * cut.stride + cut.length : Long.MAX_VALUE, display);
            return (known == null ? running : running.known(known)).windows(cut.length, cut.stride, max);
        }
    }

    public Captions generated(@Nullable Vocabulary model) {
        return Captions.generated(samplesOr(GeneratedCaptions.DEFAULT_COUNT),
                GeneratedCaptions.DEFAULT_SEED, limit(),
                preprocessing(model));
    }
}
