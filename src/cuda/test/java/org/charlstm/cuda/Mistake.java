package org.charlstm.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import module java.base;

/**
 * A mistake that a program can make, and what it is told.
 *
 * @param code makes it
 * @param line the whole message
 */
record Mistake<T>(String name, Consumer<T> code, Class<? extends Exception> type, String line) {
    static <T> Mistake<T> argument(String name, Consumer<T> code, String line) {
        return new Mistake<>(name, code, IllegalArgumentException.class, line);
    }

    static <T> Mistake<T> state(String name, Consumer<T> code, String line) {
        return new Mistake<>(name, code, IllegalStateException.class, line);
    }

    static <T> Mistake<T> range(String name, Consumer<T> code, String line) {
        return new Mistake<>(name, code, IndexOutOfBoundsException.class, line);
    }

    /** Makes all, one after the other, and asserts that each is told so, and that something works afterwards. */
    static <T> void assertAllTold(List<Mistake<T>> mistakes, T things, Runnable works) {
        for (Mistake<T> mistake : mistakes) {
            Exception thrown = assertThrows(mistake.type, () -> mistake.code.accept(things), mistake.name);
            assertEquals(mistake.line, String.valueOf(thrown.getMessage()).replaceAll("0x[0-9a-f]{6,}", "0xA"),
                    mistake.name);
            works.run();
        }
    }
}
