package org.charlstm.cli;

import java.nio.charset.Charset;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import org.charlstm.Quantity;
import org.charlstm.text.CaptionFile;
import org.charlstm.text.CaptionLimit;
import org.charlstm.text.Captions;
import org.charlstm.text.Corpus;
import org.charlstm.text.GeneratedCaptions;
import org.charlstm.text.Preprocessing;
import org.charlstm.text.RunningText;
import org.charlstm.text.TextInput;
import org.charlstm.text.UnknownCharacters;
import org.charlstm.text.Vocabulary;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What a text is encoded in, how much of it is taken, and the reading of it. */
final class TextOptions {
    /** What texts may be given as arguments. */
    static final String CAPTIONS =
            "Captions, one a line: files, packed by gzip or not, COCO's JSON, folders of them, or "
                    + "- for standard input.";

    static final String ENCODING = "What the text is encoded in, of the encodings that Java knows, unless a byte order "
            + "mark says otherwise. Default: UTF-8.";

    @Option(names = "--max-samples", paramLabel = "N", description = "Take the first N captions. Default: all.")
    private @Nullable Integer maxSamples;

    @Option(names = "--max-caption", paramLabel = "N[:cut]",
            description = "Leave out captions of more than N characters, or cut them there with N:cut. All are padded "
                    + "to the longest. Default: none; more than " + Captions.MAX_LENGTH + " are refused.")
    private @Nullable String maxCaption;

    @Option(names = "--encoding", paramLabel = "NAME", description = ENCODING)
    private @Nullable String encoding;

    @Mixin
    private PreprocessingOptions preprocessing;

    private boolean sentences;

    void check() {
        charset(encoding);
        preprocessing.check();
        UsageException.requireAtLeast("--max-samples", maxSamples, 1);
        limit();
    }

    /** The number given, or another. */
    int orElse(int other) {
        return maxSamples == null ? other : maxSamples;
    }

    @Nullable
    CaptionLimit limit() {
        try {
            return maxCaption == null ? null : CaptionLimit.parse(maxCaption);
        } catch (IllegalArgumentException e) {
            throw new UsageException("--max-caption is '" + maxCaption + "'; it must be a number from 1 to "
                    + Captions.MAX_LENGTH + ", with :cut behind it or without");
        }
    }

    /** An encoding that was named, or null. */
    static @Nullable Charset charset(@Nullable String encoding) {
        try {
            return encoding == null ? null : Charset.forName(encoding);
        } catch (IllegalArgumentException e) {
            throw new UsageException("--encoding is '" + encoding + "', which Java knows no encoding by; there are "
                    + "UTF-8, UTF-16, windows-1252, ISO-8859-1 and others, many by the names that iconv has");
        }
    }

    /** Refuses, where no text is named, to be told how one is encoded. */
    void requireNoEncoding() {
        if (encoding != null) {
            throw new UsageException("--encoding is " + encoding + ", but no text is named; the built-in captions are "
                    + "in no file, so leave it out");
        }
    }

    /** As it was given, or null. */
    @Nullable
    String encodingName() {
        return encoding;
    }

    /** As it is asked for, or as a model's texts are. */
    Preprocessing preprocessing(@Nullable Vocabulary model) {
        return preprocessing.of(model);
    }

    /** Has captions be the sentences of texts. */
    void takeSentences() {
        sentences = true;
    }

    /** Takes the model's, whatever has been asked for: a run that goes on asked for that when it began. */
    void takeModels() {
        preprocessing.takeModels();
    }

    private TextInput input(List<Path> text, @Nullable Vocabulary model) {
        TextInput unchanged = asItIs(text);
        return new TextInput(unchanged.paths(), unchanged.encoding(), preprocessing(model));
    }

    private TextInput asItIs(List<Path> text) {
        if (Collections.frequency(text, TextInput.STANDARD_INPUT) > 1) {
            throw new UsageException("- is named twice; standard input is read once");
        }
        return new TextInput(text, charset(encoding));
    }

    /**
     * How running text is cut into windows.
     *
     * @param length T + 1
     * @param stride how far the next begins behind the one before
     */
    record Cut(int length, int stride) {
    }

    /**
     * As many captions of a text as are asked for, or of running text windows.
     *
     * @param cut   how running text is cut; null for captions
     * @param model the vocabulary of a model that takes texts in its own way, or null
     * @param known the only characters that stay, or null for all
     */
    Captions read(List<Path> text, @Nullable Cut cut, @Nullable Vocabulary model, @Nullable Vocabulary known,
            Console console) {
        return read(text, cut, orElse(Integer.MAX_VALUE), model, known, console);
    }

    /** The same of another text, of which all is taken. */
    Captions readAll(Path text, @Nullable Cut cut, Vocabulary model, @Nullable Vocabulary known, Console console) {
        return read(List.of(text), cut, Integer.MAX_VALUE, model, known, console);
    }

    private Captions read(List<Path> text, @Nullable Cut cut, int max, @Nullable Vocabulary model,
            @Nullable Vocabulary known, Console console) {
        if (cut != null && maxCaption != null) {
            throw new UsageException("--max-caption is " + maxCaption
                    + ", but running text has no captions; leave it out");
        }
        try (ReadingDisplay display = new ReadingDisplay(console, text)) {
            if (cut == null) {
                Captions captions = sentences
                        ? RunningText.read(asItIs(text), Long.MAX_VALUE, display).sentences(max, limit(),
                                preprocessing(model))
                        : CaptionFile.read(input(text, model), max, limit(), display);
                return known == null ? captions : captions.known(known);
            }
            RunningText running = RunningText.read(input(text, model),
                    known == null ? (max - 1L) * cut.stride + cut.length : Long.MAX_VALUE, display);
            return (known == null ? running : running.known(known)).windows(cut.length, cut.stride, max);
        }
    }

    /** The built-in captions. */
    Captions generated(@Nullable Vocabulary model) {
        return Captions.generated(orElse(GeneratedCaptions.DEFAULT_COUNT), GeneratedCaptions.DEFAULT_SEED, limit(),
                preprocessing(model));
    }

    /** What captions are without, or are themselves only in part, or have as others than they were. */
    static String without(Corpus corpus) {
        Captions captions = corpus.captions();
        List<String> parts = new ArrayList<>();
        if (captions.skipped() > 0) {
            parts.add(Quantity.of(captions.skipped(), "blank lines") + " skipped");
        }
        CaptionLimit limit = captions.limit();
        if (limit != null) {
            parts.add(Quantity.of(captions.longer(), "captions") + " of more than "
                    + Quantity.of(limit.length(), "characters") + (limit.cut() ? " cut" : " left out"));
        }
        UnknownCharacters outside = captions.outside();
        if (outside != null) {
            parts.add(String.format(Locale.ROOT, "%,d of %s left out, which the alphabet lacks", outside.skipped(),
                    Quantity.of(outside.total(), "characters")));
        }
        int minCount = corpus.vocabulary().preprocessing().minCount();
        if (minCount > 0) {
            parts.add(Quantity.of(corpus.replaced(), "characters") + " too rare, now U+FFFD");
        }
        if (captions.unknown() != null) {
            parts.add(UnknownOption.said(captions.unknown()));
        }
        return parts.isEmpty() ? "" : " (" + String.join(", ", parts) + ")";
    }
}
