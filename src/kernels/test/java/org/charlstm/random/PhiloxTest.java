package org.charlstm.random;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.junit.jupiter.api.Test;

class PhiloxTest {
    /** The known answers that the generator's authors publish with Random123, for philox4x32 with 10 rounds. */
    @Test
    void givesTheKnownAnswers() {
        assertEquals(0x6627e8d5e169c58dL, Philox.block(0, 0, 0, 0, 0, 0, false));
        assertEquals(0x408f276d41c83b0eL, Philox.block(-1, -1, -1, -1, -1, -1, false));
        assertEquals(0xd16cfe0994fdccebL,
                Philox.block(0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0, false));
        assertEquals(0xbc57ac4c9b00dbd8L, Philox.block(0, 0, 0, 0, 0, 0, true));
        assertEquals(0xa20bc7c66d5451fdL, Philox.block(-1, -1, -1, -1, -1, -1, true));
        assertEquals(0x5001e42024126ea1L,
                Philox.block(0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0, true));
    }

    @Test
    void everyArgumentMatters() {
        Set<Long> seen = new HashSet<>();
        for (long seed : new long[] {0, 1, 1L << 32}) {
            for (Purpose purpose : Purpose.values()) {
                for (long index : new long[] {0, 1, 1L << 32}) {
                    for (int step = 0; step < 3; step++) {
                        assertTrue(seen.add(Philox.bits(seed, purpose, index, step)));
                    }
                }
            }
        }
    }

    @Test
    void aBlockHasSixteenBitsEightTimes() {
        long first = Philox.block(7, Purpose.DROPOUT.code(), 5, 1, 3, 2, false);
        long last = Philox.block(7, Purpose.DROPOUT.code(), 5, 1, 3, 2, true);
        int[] words = {(int) (first >>> 32), (int) first, (int) (last >>> 32), (int) last};
        for (int place = 0; place < 8; place++) {
            assertEquals((words[place / 2] >>> (16 * (place % 2))) & 0xFFFF,
                    Philox.sixteen((2L << 32) + 3, Purpose.DROPOUT, (1L << 32) + 5, 7, place));
        }
    }

    @Test
    void uniformNumbersHaveTheRightMoments() {
        int n = 100_000;
        RandomStream stream = new RandomStream(7, Purpose.SAMPLE, 0);
        double sum = 0;
        double squares = 0;
        for (int i = 0; i < n; i++) {
            double u = stream.uniform();
            assertTrue(u >= 0 && u < 1);
            sum += u;
            squares += u * u;
        }
        assertEquals(0.5, sum / n, 0.005);
        assertEquals(1.0 / 3, squares / n, 0.005);
    }

    @Test
    void gaussianNumbersHaveTheRightMoments() {
        int n = 100_000;
        RandomStream stream = new RandomStream(7, Purpose.WEIGHTS, 0);
        double sum = 0;
        double squares = 0;
        for (int i = 0; i < n; i++) {
            double g = stream.gaussian();
            sum += g;
            squares += g * g;
        }
        assertEquals(0, sum / n, 0.02);
        assertEquals(1, squares / n, 0.02);
    }

    @Test
    void boundedNumbersReachEveryValue() {
        RandomStream stream = new RandomStream(7, Purpose.CAPTIONS, 0);
        int[] counts = new int[7];
        for (int i = 0; i < 7000; i++) {
            counts[stream.below(7)]++;
        }
        for (int count : counts) {
            assertEquals(1000, count, 150);
        }
    }
}
