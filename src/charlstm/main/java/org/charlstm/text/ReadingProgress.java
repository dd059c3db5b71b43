package org.charlstm.text;

/** Follows the reading of a text. */
public interface ReadingProgress {
    /** Does nothing. */
    ReadingProgress NONE = (bytes, total) -> {};

    /** Is told how much has been read of how much, 0 if that is unknown. */
    void read(long bytes, long total);

    /** Is told that something about the text may be wrong, although it can be read. */
    default void warn(String warning) {
        // Warnings are optional.
    }
}
