package org.charlstm.text;

import org.jspecify.annotations.Nullable;

/**
 * What reading changed in a text. {@code outside} is null without an alphabet, {@code unknown} without a vocabulary.
 */
record ReadingSummary(Lines lines, Preprocessing preprocessing, @Nullable UnknownCharacters outside,
        @Nullable UnknownCharacters unknown) {
    /** The summary of a text that has no captions and is kept unchanged. */
    static final ReadingSummary NONE = new ReadingSummary(new Lines(0, null, 0, 0, true), Preprocessing.NONE, null,
            null);

    /**
     * How many captions were blank, over the limit (if any), and read; {@code whole} says that the text has no more.
     */
    record Lines(int skipped, @Nullable CaptionLimit limit, int longer, int read, boolean whole) {
    }

    /** This summary after the characters that a vocabulary lacks, and the captions that became blank, were left out. */
    ReadingSummary known(int moreSkipped, UnknownCharacters leftOut) {
        return new ReadingSummary(new Lines(lines.skipped + moreSkipped, lines.limit, lines.longer, lines.read,
                lines.whole), preprocessing, outside, leftOut);
    }
}
