package org.charlstm.cli;

/** The number of a caption that a user names. */
final class CaptionNumber {
    private CaptionNumber() {
    }

    static void require(int caption, int size, String source) {
        if (caption >= size) {
            throw new UsageException("--caption is " + caption + ", but " + source + " has " + size + "; the last is "
                    + (size - 1));
        }
    }
}
