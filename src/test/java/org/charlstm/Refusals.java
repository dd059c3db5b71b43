package org.charlstm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.function.Executable;

/** What every failure that a user can mend has in common. */
public final class Refusals {
    private Refusals() {
    }

    /**
     * Asserts that something is refused in one line that says where.
     *
     * @param place  what the message must name
     * @param action what is refused
     * @return the message
     */
    public static String assertRefused(String place, Executable action) {
        String message = assertThrows(CharlstmException.class, action).getMessage();
        assertEquals(1, message.lines().count(), () -> "not one line: " + message);
        assertTrue(message.contains(place), () -> "does not name " + place + ": " + message);
        return message;
    }
}
