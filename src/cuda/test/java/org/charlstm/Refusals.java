package org.charlstm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.function.Executable;

/** The rules that every failure follows that a user can mend. */
public final class Refusals {
    /** Words of a program's insides that no user should have to read. */
    public static final List<String> INSIDES = List.of("Exception", "internal error", "at org.", "java.");

    /** The characters of a screen, with the words that say how much was left out. */
    private static final int MOST = 1600;

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
        assertLine(place, message);
        return message;
    }

    /**
     * Asserts that a message is one line for people that says where.
     *
     * @param place   what it must name
     * @param message the message
     */
    public static void assertLine(String place, String message) {
        assertEquals(1, message.lines().count(), () -> "not one line: " + message);
        assertTrue(message.contains(place), () -> "does not name " + place + ": " + message);
        assertTrue(message.length() <= MOST, () -> "more than a screen: " + message);
        assertTrue(message.chars().noneMatch(Character::isISOControl), () -> "a control character: " + message);
        INSIDES.forEach(word -> assertFalse(message.contains(word), message));
    }
}
