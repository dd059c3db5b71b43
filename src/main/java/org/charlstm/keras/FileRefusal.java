package org.charlstm.keras;

import org.charlstm.CharlstmException;
import org.jspecify.annotations.Nullable;

/** Why a file is refused, in one line of bounded length whatever the file's own names hold. */
final class FileRefusal {
    private static final int MAX_LENGTH = 400;

    private FileRefusal() {
    }

    /** A refusal that says where and why. */
    static CharlstmException of(String place, String why) {
        return of(place, why, null);
    }

    /** A refusal with its cause. */
    static CharlstmException of(String place, String why, @Nullable Throwable cause) {
        String clean = why.replaceAll("\\p{Cntrl}", "\uFFFD");
        return new CharlstmException(place + " " + (clean.length() > MAX_LENGTH
                ? clean.substring(0, MAX_LENGTH) + "..." : clean), cause);
    }
}
