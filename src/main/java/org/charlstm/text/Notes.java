package org.charlstm.text;

import org.jspecify.annotations.Nullable;

/**
 * What captions are without, or are themselves only in part.
 *
 * @param limit         what was asked to happen to long captions, or null
 * @param read          how many captions have been read, those that are left out included
 * @param whole         whether the text has no more
 * @param preprocessing what was made of their characters
 * @param outside       what was left out because the alphabet lacks it, or null where there is none
 * @param unknown       what was left out because a vocabulary lacks it, or null where nothing was to be left out
 */
record Notes(int skipped, @Nullable CaptionLimit limit, int longer, int read, boolean whole,
        Preprocessing preprocessing, @Nullable UnknownCharacters outside, @Nullable UnknownCharacters unknown) {
    static final Notes NONE = new Notes(0, null, 0, 0, true, Preprocessing.NONE, null, null);

    Notes preprocessed(Preprocessing how, @Nullable UnknownCharacters without) {
        return new Notes(skipped, limit, longer, read, whole, how, without, unknown);
    }

    Notes known(int moreSkipped, UnknownCharacters without) {
        return new Notes(skipped + moreSkipped, limit, longer, read, whole, preprocessing, outside, without);
    }
}
