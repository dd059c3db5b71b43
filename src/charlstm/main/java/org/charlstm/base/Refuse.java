package org.charlstm.base;

import org.charlstm.CharlstmException;

/** Throws exceptions for invalid values. The message is always built; use an if where that is costly, as in a loop. */
public final class Refuse {
    public static void argumentIf(boolean wrong, String why) {
        if (wrong) {
            throw new IllegalArgumentException(why);
        }
    }

    /** Refuses a call in the wrong state: too early, too late, or on the wrong object. */
    public static void callIf(boolean wrong, String why) {
        if (wrong) {
            throw new IllegalStateException(why);
        }
    }

    /** Refuses something that a user gave: a file, an option, a text. */
    public static void inputIf(boolean wrong, String why) {
        if (wrong) {
            throw new CharlstmException(why);
        }
    }
}
