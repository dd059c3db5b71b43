package org.charlstm.train;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.charlstm.random.Purpose;
import org.charlstm.random.RandomStream;
import org.junit.jupiter.api.Test;

/** The lengths to which captions are padded, against all that there could be. */
class BucketsTest {
    private static long cost(int[] lengths, List<Integer> steps) {
        Buckets buckets = new Buckets(steps);
        long cost = 0;
        for (int real = 1; real < lengths.length; real++) {
            cost += (long) lengths[real] * (lengths[real] == 0 ? 0 : steps.get(buckets.of(real)));
        }
        return cost;
    }

    /** The least of all choices of up to three lengths. */
    private static long least(int[] lengths) {
        int longest = lengths.length - 1;
        long least = Long.MAX_VALUE;
        for (int a = 1; a <= longest; a++) {
            for (int b = a; b <= longest; b++) {
                least = Math.min(least, cost(lengths, List.of(a, b, longest)));
            }
        }
        return least;
    }

    @Test
    void noOtherLengthsHaveLessPadding() {
        RandomStream random = new RandomStream(1, Purpose.CAPTIONS, 0);
        for (int i = 0; i < 50; i++) {
            int[] lengths = new int[12];
            for (int real = 1; real < lengths.length; real++) {
                lengths[real] = Math.max(0, random.below(20) - 8);
            }
            lengths[lengths.length - 1] = 1;
            assertEquals(least(lengths), cost(lengths, Buckets.of(lengths, 3).steps()));
        }
    }

    @Test
    void thereAreNoMoreThanLengths() {
        int[] lengths = new int[31];
        lengths[7] = 100;
        lengths[30] = 1;
        assertEquals(List.of(7, 30), Buckets.of(lengths, 6).steps());
    }
}
