package org.charlstm.bench;

import java.nio.file.Path;
import org.charlstm.text.CaptionFile;
import org.charlstm.text.CaptionLimit;
import org.charlstm.text.Captions;
import org.charlstm.text.Corpus;
import org.charlstm.text.ReadingProgress;
import org.charlstm.text.RunningText;
import org.charlstm.text.Vocabulary;
import org.charlstm.text.generated.GeneratedCaptions;
import org.jspecify.annotations.Nullable;

/**
 * Where the captions come from.
 *
 * @param file       a text file, or null for the built-in captions
 * @param maxSamples how many captions to take at most, or 0 for all
 * @param maxCaption what happens to long captions, as {@link CaptionLimit#parse} takes it, or null
 * @param window     T of the windows into which the file is cut as running text, or 0 for captions
 */
public record TextSource(@Nullable String file, int maxSamples, @Nullable String maxCaption, int window) {
    /** Refuses windows of captions. */
    public TextSource {
        if (window > 0 && (file == null || maxCaption != null)) {
            throw new IllegalArgumentException("captions are no running text");
        }
    }

    /**
     * Reads the captions.
     *
     * @return the captions, or the windows of running text
     * @throws org.charlstm.CharlstmException if the file cannot be read as such
     */
    public Captions read() {
        int max = maxSamples == 0 ? Integer.MAX_VALUE : maxSamples;
        if (file != null && window > 0) {
            return RunningText.read(Path.of(file), (long) max * window + 1, ReadingProgress.NONE)
                    .windows(window + 1, window, max);
        }
        CaptionLimit limit = maxCaption == null ? null : CaptionLimit.parse(maxCaption);
        return file == null
                ? Captions.generated(maxSamples == 0 ? GeneratedCaptions.DEFAULT_COUNT : maxSamples,
                        GeneratedCaptions.DEFAULT_SEED, limit)
                : CaptionFile.read(Path.of(file), max, limit, ReadingProgress.NONE);
    }

    /**
     * What training sees of the captions.
     *
     * @param captions what {@link #read} gives
     * @return the same in their own symbols
     */
    public Corpus encode(Captions captions) {
        return Corpus.encode(captions, window > 0 ? Vocabulary.ofRunning(captions) : Vocabulary.of(captions));
    }
}
