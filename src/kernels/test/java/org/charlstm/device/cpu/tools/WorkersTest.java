package org.charlstm.device.cpu.tools;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import module java.base;
import org.charlstm.random.Purpose;
import org.charlstm.random.RandomStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Threads that share shards, more of them than processors. */
@Timeout(900)
class WorkersTest {
    private static final int MANY = 60_000;
    private static final int SHARDS = 6;

    /** A worker that comes late for one operation comes in the midst of the next, which is another's shards. */
    @Test
    void everyShardOfEveryOperationRunsOnce() {
        AtomicIntegerArray runs = new AtomicIntegerArray(SHARDS);
        int[] expected = new int[SHARDS];
        RandomStream random = new RandomStream(3, Purpose.SHUFFLE, 1);
        try (Workers workers = new Workers(4)) {
            for (int operation = 0; operation < MANY; operation++) {
                int shards = 1 + random.below(SHARDS);
                for (int i = 0; i < shards; i++) {
                    expected[i]++;
                }
                // All of an operation is over when it returns.
                int before = operation;
                int[] seen = new int[SHARDS];
                workers.run(shards, index -> {
                    runs.getAndIncrement(index);
                    seen[index] = before + 1;
                });
                for (int i = 0; i < SHARDS; i++) {
                    assertEquals(i < shards ? operation + 1 : 0, seen[i]);
                }
            }
        }
        int[] actual = new int[SHARDS];
        Arrays.setAll(actual, runs::get);
        assertArrayEquals(expected, actual);
    }

    @Test
    void aShardThatFailsFailsTheOperationAndNoOther() {
        try (Workers workers = new Workers(3)) {
            for (int round = 0; round < 100; round++) {
                int failing = round % SHARDS;
                assertThrows(IllegalStateException.class, () -> workers.run(SHARDS, index -> {
                    if (index == failing) {
                        throw new ArithmeticException("shard " + index);
                    }
                }));
                workers.run(SHARDS, index -> {});
            }
        }
    }
}
