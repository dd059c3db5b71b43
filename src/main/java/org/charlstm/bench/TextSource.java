package org.charlstm.bench;

import java.nio.file.Path;
import org.charlstm.text.CaptionFile;
import org.charlstm.text.CaptionLimit;
import org.charlstm.text.Captions;
import org.charlstm.text.ReadingProgress;
import org.charlstm.text.generated.GeneratedCaptions;
import org.jspecify.annotations.Nullable;

/**
 * Where the captions come from.
 *
 * @param file       a text file, or null for the built-in captions
 * @param maxSamples how many captions to take at most, or 0 for all
 * @param maxCaption what happens to long captions, as {@link CaptionLimit#parse} takes it, or null
 */
public record TextSource(@Nullable String file, int maxSamples, @Nullable String maxCaption) {
    /**
     * Reads the captions.
     *
     * @return the captions
     * @throws org.charlstm.CharlstmException if the file cannot be read as captions
     */
    public Captions read() {
        CaptionLimit limit = maxCaption == null ? null : CaptionLimit.parse(maxCaption);
        return file == null
                ? Captions.generated(maxSamples == 0 ? GeneratedCaptions.DEFAULT_COUNT : maxSamples,
                        GeneratedCaptions.DEFAULT_SEED, limit)
                : CaptionFile.read(Path.of(file), maxSamples == 0 ? Integer.MAX_VALUE : maxSamples, limit,
                        ReadingProgress.NONE);
    }
}
