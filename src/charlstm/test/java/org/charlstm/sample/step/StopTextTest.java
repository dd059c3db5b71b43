package org.charlstm.sample.step;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class StopTextTest {
    /** All texts to stop at of up to five symbols of two, in all texts of ten. */
    @Test
    void itIsFoundWhereASearchFindsIt() {
        for (int length = 1; length <= 5; length++) {
            for (int number = 0; number < 1 << length; number++) {
                String wanted = bits(number, length);
                StopText stop = new StopText(wanted.chars().map(c -> c - '0').toArray());
                for (int other = 0; other < 1 << 10; other++) {
                    String text = bits(other, 10);
                    int matching = 0;
                    int at = 0;
                    while (at < text.length() && matching < length) {
                        matching = stop.next(matching, text.charAt(at) - '0');
                        at++;
                    }
                    int found = text.indexOf(wanted);
                    assertEquals(found < 0 ? -1 : found + length, matching == length ? at : -1, wanted + " in " + text);
                }
            }
        }
    }

    private static String bits(int number, int length) {
        StringBuilder bits = new StringBuilder();
        IntStream.range(0, length).forEach(i -> bits.append(number >> i & 1));
        return bits.toString();
    }
}
