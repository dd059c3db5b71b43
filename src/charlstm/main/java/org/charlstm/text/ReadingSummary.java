package org.charlstm.text;

import org.jspecify.annotations.Nullable;

/**
 * The changes to a text as it was read.
 *
 * @param outside what was left out because it is not in the alphabet, or null if there is no alphabet
 * @param unknown what was left out because it is not in a vocabulary, or null if nothing was to be left out
 */
record ReadingSummary(Lines lines, Preprocessing preprocessing, @Nullable UnknownCharacters outside,
        @Nullable UnknownCharacters unknown) {
    /** The summary of a text without captions, which is kept as it is. */
    static final ReadingSummary NONE = new ReadingSummary(new Lines(0, null, 0, 0, true), Preprocessing.NONE, null,
            null);

    /**
     * Captions that are left out or cut.
     *
     * @param skipped how many are blank, or nothing is left of them
     * @param limit   what to do with long captions, or null
     * @param longer  how many are longer than the limit
     * @param read    how many have been read, including those left out
     * @param whole   whether the text has no more
     */
    record Lines(int skipped, @Nullable CaptionLimit limit, int longer, int read, boolean whole) {
    }

    /** The same after characters that a vocabulary lacks have been left out, and with them some captions. */
    ReadingSummary known(int moreSkipped, UnknownCharacters leftOut) {
        return new ReadingSummary(new Lines(lines.skipped + moreSkipped, lines.limit, lines.longer, lines.read,
                lines.whole), preprocessing, outside, leftOut);
    }
}
