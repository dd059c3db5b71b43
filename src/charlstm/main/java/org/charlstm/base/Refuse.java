package org.charlstm.base;

import org.charlstm.CharlstmException;

/** Refuses what cannot be. The message is made in any case: where that costs, as in a loop, an if is better. */
public final class Refuse {
    public static void argumentIf(boolean wrong, String why) {
        if (wrong) {
            throw new IllegalArgumentException(why);
        }
    }

    /** Refuses a call that comes too early, too late, or to something else. */
    public static void callIf(boolean wrong, String why) {
        if (wrong) {
            throw new IllegalStateException(why);
        }
    }

    /** Refuses what a user gives: a file, an option, a text. */
    public static void inputIf(boolean wrong, String why) {
        if (wrong) {
            throw new CharlstmException(why);
        }
    }
}
