package org.charlstm.text;

/** Follows the reading of a text. */
public interface ReadingProgress {
    /** Does nothing. */
    ReadingProgress NONE = (bytes, total) -> {};

    /** Reports how many bytes have been read, and the total; the total is 0 if unknown. */
    void read(long bytes, long total);

    /** Reports that a text may be damaged or in another encoding, although it can be read. */
    default void warn(String warning) {
        // Warnings are ignored by default.
    }
}
