package org.charlstm.text;

/** Follows the reading of a text. */
public interface ReadingProgress {
    /** Nobody who would follow. */
    ReadingProgress NONE = (bytes, total) -> {};

    /**
     * Some more has been read.
     *
     * @param total how much there is, or 0 where nobody knows
     */
    void read(long bytes, long total);

    /** Something about the text is not as it may seem, which is no reason not to read it. */
    default void warn(String warning) {
        // Nobody has to look.
    }
}
