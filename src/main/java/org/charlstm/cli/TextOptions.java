package org.charlstm.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.charlstm.Counted;
import org.charlstm.text.CaptionFile;
import org.charlstm.text.CaptionLimit;
import org.charlstm.text.Captions;
import org.charlstm.text.RunningText;
import org.charlstm.text.Vocabulary;
import org.charlstm.text.generated.GeneratedCaptions;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How much of a text is taken, and the reading of it. */
final class TextOptions {
    @Option(names = "--max-samples", paramLabel = "N", description = "Take the first N captions. Default: all.")
    private @Nullable Integer maxSamples;

    @Option(names = "--max-caption", paramLabel = "N[:cut]",
            description = "Leave out captions of more than N characters, or cut them there with N:cut. All are padded "
                    + "to the longest. Default: none; more than " + Captions.MAX_LENGTH + " are refused.")
    private @Nullable String maxCaption;

    void check() {
        if (maxSamples != null) {
            UsageException.requireAtLeast("--max-samples", maxSamples, 1);
        }
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

    /** The captions of a file. */
    Captions captions(Path text, Console console) {
        return captions(text, null, console);
    }

    /** The captions of a file, of their characters only those that are known, if that is asked for. */
    Captions captions(Path text, @Nullable Vocabulary known, Console console) {
        return captions(text, orElse(Integer.MAX_VALUE), known, console);
    }

    /** All captions of another file, but for those that are too long. */
    Captions allCaptions(Path text, @Nullable Vocabulary known, Console console) {
        return captions(text, Integer.MAX_VALUE, known, console);
    }

    private Captions captions(Path text, int max, @Nullable Vocabulary known, Console console) {
        try (ReadingDisplay display = new ReadingDisplay(console, text)) {
            Captions captions = CaptionFile.read(text, max, limit(), display);
            return known == null ? captions : captions.known(known);
        }
    }

    /** The built-in captions. */
    Captions generated() {
        return Captions.generated(orElse(GeneratedCaptions.DEFAULT_COUNT), GeneratedCaptions.DEFAULT_SEED, limit());
    }

    /** The windows of a running text. */
    Captions windows(Path text, int length, int stride, Console console) {
        return windows(text, length, stride, null, console);
    }

    /** The windows of the characters that are known, if that is asked for. */
    Captions windows(Path text, int length, int stride, @Nullable Vocabulary known, Console console) {
        return windows(text, length, stride, orElse(Integer.MAX_VALUE), known, console);
    }

    /** All windows of another running text. */
    Captions allWindows(Path text, int length, int stride, @Nullable Vocabulary known, Console console) {
        return windows(text, length, stride, Integer.MAX_VALUE, known, console);
    }

    private Captions windows(Path text, int length, int stride, int max, @Nullable Vocabulary known, Console console) {
        if (maxCaption != null) {
            throw new UsageException("--max-caption is " + maxCaption
                    + ", but running text has no captions; leave it out");
        }
        try (ReadingDisplay display = new ReadingDisplay(console, text)) {
            if (known != null) {
                return RunningText.read(text, Long.MAX_VALUE, display).known(known).windows(length,
                        stride, max);
            }
            return RunningText.read(text, (max - 1L) * stride + length, display).windows(length, stride, max);
        }
    }

    /** What the captions of a file are without, or are themselves only in part. */
    static String without(Captions captions) {
        List<String> parts = new ArrayList<>();
        if (captions.skipped() > 0) {
            parts.add(Counted.of(captions.skipped(), "blank lines") + " skipped");
        }
        CaptionLimit limit = captions.limit();
        if (limit != null) {
            parts.add(Counted.of(captions.longer(), "captions") + " of more than "
                    + Counted.of(limit.length(), "characters") + (limit.cut() ? " cut" : " left out"));
        }
        if (captions.unknown() != null) {
            parts.add(UnknownOption.said(captions.unknown()));
        }
        return parts.isEmpty() ? "" : " (" + String.join(", ", parts) + ")";
    }
}
