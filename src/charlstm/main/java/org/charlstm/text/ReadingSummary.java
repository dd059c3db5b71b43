package org.charlstm.text;

import org.jspecify.annotations.Nullable;

/** A text's changes as it was read; {@code outside} is null without alphabet, {@code unknown} without vocabulary. */
record ReadingSummary(Lines lines, Preprocessing preprocessing, @Nullable UnknownCharacters outside,
        @Nullable UnknownCharacters unknown) {
    /** The summary of a text without captions, which is kept as it is. */
    static final ReadingSummary NONE = new ReadingSummary(new Lines(0, null, 0, 0, true), Preprocessing.NONE, null,
            null);

    /** How many captions are blank, longer than the limit if there is one, and read; whether the text has no more. */
    record Lines(int skipped, @Nullable CaptionLimit limit, int longer, int read, boolean whole) {
    }

    /** The same after characters that a vocabulary lacks have been left out, and with them some captions. */
    ReadingSummary known(int moreSkipped, UnknownCharacters leftOut) {
        return new ReadingSummary(new Lines(lines.skipped + moreSkipped, lines.limit, lines.longer, lines.read,
                lines.whole), preprocessing, outside, leftOut);
    }
}
