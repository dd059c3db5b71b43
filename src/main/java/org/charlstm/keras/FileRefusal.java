package org.charlstm.keras;

import org.charlstm.CharlstmException;
import org.jspecify.annotations.Nullable;

/** Why a file is refused, and which; {@link CharlstmException} bounds what the file's own names may fill. */
final class FileRefusal {
    private FileRefusal() {
    }

    /** A refusal that says where and why. */
    static CharlstmException of(String place, String why) {
        return of(place, why, null);
    }

    /** A refusal with its cause. */
    static CharlstmException of(String place, String why, @Nullable Throwable cause) {
        return new CharlstmException(place + " " + why, cause);
    }
}
