package org.charlstm.cli;

import org.charlstm.text.Captions;

/** The number of a caption that a user names. */
final class CaptionNumber {
    private CaptionNumber() {
    }

    static void require(int caption, Captions captions) {
        if (caption >= captions.size()) {
            throw new UsageException("--caption is " + caption + ", but " + captions.source() + " has "
                    + captions.size() + "; the last is " + (captions.size() - 1));
        }
    }
}
